from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import FormView, View

from accounts.limited_forms import LimitedForm
from blog.models import Post, Tag
from listeners.notifications.forms import SubscribeForm
from listeners.notifications.leaving import Link, Standing, leave, link_of, standing
from listeners.notifications.models import Subscription
from listeners.notifications.subscribing import confirm, subscribe


class SubscribeView(LimitedForm, FormView):
    """Ask to be told; what of is said by the address."""

    mails = "subscription"

    template_name = "notifications/subscribe.html"
    form_class = SubscribeForm

    @classmethod
    def describe_post(cls, user: Any, data: Any) -> tuple[str, str]:
        return _("Be told of new posts"), _("Subscribe")

    def target(self) -> tuple[str, str]:
        """What is followed: as the outbox knows it, and in words."""
        asked = {name: str(value).replace("\0", "") for name, value in self.request.GET.items()}
        if "tag" in asked:
            tag = get_object_or_404(Tag.objects.public(), slug=asked["tag"])
            return f"tag:{tag.pk}", f"the tag {tag.name}"
        if "author" in asked:
            authors = Post.objects.published().authors()
            author = get_object_or_404(authors, username=asked["author"])
            return f"author:{author.pk}", f"the posts of {author.public_name}"
        if "post" in asked:
            post = Post.objects.published().at_slug(asked["post"])
            if post is None:
                raise Http404
            return f"thread:{post.pk}", f"the conversation under “{post.title}”"
        return "site", "all new posts"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(target_label=self.target()[1], **kwargs)

    def form_valid(self, form: SubscribeForm) -> HttpResponse:
        if refusal := self.refusal(form):
            return refusal
        email = form.cleaned_data["email"]
        target, label = self.target()
        if not form.is_from_a_machine:
            subscribe(email, target, label)
        return render(self.request, "notifications/check_mail.html", {"email": email})


@method_decorator(never_cache, name="dispatch")
class ConfirmView(View):
    """A page behind a link in a mail: GET only shows it, POST acts."""

    http_method_names = ["get", "head", "post", "options"]

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        return self.page(get_object_or_404(Subscription, token=token), done=False)

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        subscription = confirm(token)
        if subscription is None:
            raise Http404
        return self.page(subscription, done=True)

    def page(self, subscription: Subscription, *, done: bool) -> HttpResponse:
        context = {"subscription": subscription, "done": done}
        return render(self.request, "notifications/confirm.html", context)


# RFC 8058: mail programs post here with neither cookie nor token of ours; the address itself
# is the proof, and all it can do is end mails to the one it was sent to.
@method_decorator([csrf_exempt, never_cache], name="dispatch")
class UnsubscribeView(View):
    """As `ConfirmView`.  POST ends what the mail was sent for; with `everything`, all there is."""

    http_method_names = ["get", "head", "post", "options"]

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        return self.page(standing(self.link(token)))

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        return self.page(leave(self.link(token), everything="everything" in request.POST))

    def link(self, token: str) -> Link:
        link = link_of(token)
        if link is None:
            raise Http404
        return link

    def page(self, told: Standing) -> HttpResponse:
        return render(self.request, "notifications/unsubscribe.html", {"standing": told})
