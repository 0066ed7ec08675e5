"""The buttons beside posts: each is one door, and the one that cannot be undone asks first."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from blog import services
from blog.models import Post
from blog.policies import can_delete, can_publish, require
from blog.services import Refused
from blog.signals import deletion_asked
from blog.studio import descriptions
from blog.studio.access import AuthorsOnly
from signalflow.staff.messages import tell

Door = Callable[..., Any]


class ActView(AuthorsOnly):
    """The buttons beside a post: each is one door."""

    http_method_names = ["post"]
    acts: dict[str, tuple[Door, str, str]] = {
        "publish": (services.publish, "“%s” is public.", "“%s” was public already."),
        "withdraw": (services.unpublish, "“%s” is withdrawn.", "“%s” was not public."),
        "unschedule": (services.unschedule, "“%s” is a draft again.", "“%s” was not scheduled."),
        "feature": (services.feature, "“%s” is featured.", "“%s” was featured already."),
        "unfeature": (services.unfeature, "“%s” is not featured now.", "“%s” was not featured."),
    }

    @classmethod
    def describe_post(cls, user: Any, data: Any, pk: int, act: str) -> tuple[str, str]:
        return descriptions.of_act(user, pk, act)

    def post(self, request: HttpRequest, pk: int, act: str) -> HttpResponse:
        if act not in self.acts:
            raise Http404
        post = self.editable_post()
        door, done, nothing = self.acts[act]
        try:
            changed = door(post, by=request.user)
        except (Refused, PermissionDenied) as refusal:
            messages.error(request, str(refusal))
            return redirect("post-edit", pk=pk)
        if changed is False:
            messages.success(request, nothing % post.title)
        else:
            tell(request, done % post.title)
        return redirect("post-edit", pk=pk)


class BulkPublishView(AuthorsOnly):
    """Several posts at once; each succeeds or fails by itself."""

    http_method_names = ["post"]

    @classmethod
    def describe_post(cls, user: Any, data: Any) -> tuple[str, str]:
        return descriptions.of_bulk(data)

    def post(self, request: HttpRequest) -> HttpResponse:
        typed = request.POST.getlist("post")[:200]
        if not typed:
            messages.info(request, _("No post is chosen. Tick the posts to publish first."))
            return redirect("studio")
        keys = {int(key) for key in typed if key.isascii() and key.isdecimal() and len(key) < 19}
        chosen = Post.objects.editable_by(request.user).filter(pk__in=keys)
        gone = len(set(typed)) - len(chosen)
        if not chosen:
            messages.error(request, _("What you ticked is gone or not yours. Nothing was changed."))
            return redirect("studio")
        result = services.bulk_publish(chosen, by=request.user)
        tell(
            request,
            f"{len(result.published)} published, {len(result.skipped)} public already, "
            f"{len(result.failed)} refused{f', {gone} gone or not yours' if gone else ''}.",
        )
        titles = {post.pk: post.title for post in chosen}
        for pk, reason in result.failed.items():
            messages.error(request, f"“{titles[pk]}”: {reason}")
        return redirect("studio")


class DeleteView(AuthorsOnly, TemplateView):
    """GET names what goes with a post and offers less; POST deletes it."""

    template_name = "studio/delete.html"

    @classmethod
    def describe_post(cls, user: Any, data: Any, pk: int) -> tuple[str, str]:
        return descriptions.of_act(user, pk, "delete")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user, post = self.request.user, self.editable_post()
        require(can_delete(user, post), _("You may not delete this post."))
        answers = deletion_asked.send(sender=Post, post=post)
        return super().get_context_data(
            post=post,
            losses=[phrase for _receiver, answer in answers for phrase in answer or []],
            may_withdraw=post.is_public and can_publish(user, post),
            **kwargs,
        )

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        post = self.editable_post()
        try:
            services.delete_post(post, by=request.user)
        except (Refused, PermissionDenied) as refusal:
            messages.error(request, str(refusal))
            return redirect("post-edit", pk=pk)
        tell(request, _("“%s” is deleted.") % post.title)
        return redirect("studio")
