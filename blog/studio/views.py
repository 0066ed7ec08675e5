"""The authors' side: a list of posts, one form to write, and buttons that are all POST."""

import re
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.generic import FormView, ListView, TemplateView

from blog import services
from blog.models import Post, Tag
from blog.policies import can_delete, can_feature, can_publish, can_write
from blog.rendering.pipeline import render_post
from blog.services import Refused, StaleVersion
from blog.studio import descriptions
from blog.studio.access import AuthorsOnly
from blog.studio.forms import PostForm
from blog.studio.planning import DateRefused, carry_out
from blog.studio.receipts import latest_receipt
from signalflow.staff.messages import tell

DATE = "publish_at"  # a date that is handed on to another form
_TYPED = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d", re.ASCII)


class StudioView(AuthorsOnly, ListView):
    template_name = "studio/posts.html"
    context_object_name = "posts"
    paginate_by = 30

    def get_queryset(self) -> QuerySet[Post]:
        posts = (
            Post.objects.editable_by(self.request.user).for_lists().order_by("-updated_at", "-pk")
        )
        status = self.request.GET.get("status")
        return posts.filter(status=status) if status in Post.Status.values else posts

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(
            statuses=Post.Status.choices, status=self.request.GET.get("status", ""), **kwargs
        )
        return context | {"may_choose": any(not post.is_public for post in context["posts"])}


class WritingView(AuthorsOnly, FormView):
    """One form for new posts and old ones; the pressed button is named `do`."""

    template_name = "studio/write.html"
    form_class = PostForm
    post_object: Post | None = None
    is_saved = False

    @classmethod
    def describe_post(cls, user: Any, data: Any, **kwargs: Any) -> tuple[str, str]:
        return descriptions.of_writing(data)

    def get_form_kwargs(self) -> dict[str, Any]:
        post = self.post_object
        may_publish = post is None or can_publish(self.request.user, post)
        ours = {"instance": post, "may_publish": may_publish, "by": self.request.user}
        return {**super().get_form_kwargs(), **ours}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user, post = self.request.user, self.post_object
        return super().get_context_data(
            post=post,
            known_tags=Tag.objects.values_list("name", flat=True)[:500],
            receipt=latest_receipt(post) if post else None,
            may_publish=post is None or can_publish(user, post),
            may_feature=post is not None and can_feature(user),
            may_delete=post is not None and can_delete(user, post),
            **kwargs,
        )

    def form_valid(self, form: PostForm) -> HttpResponse:
        act = self.request.POST.get("do", "save")
        if act == "preview":
            return self.show_preview(form)
        try:
            post = self.post_object = self.save(form)
            self.is_saved = True
            tell(self.request, carry_out(post, act, form.date, by=self.request.user))
        except StaleVersion as stale:
            return self.refuse(form, stale, current=stale.current)
        except (Refused, ValidationError, PermissionDenied) as refusal:
            return self.refuse(form, refusal)
        return redirect("post-edit", pk=post.pk)

    def show_preview(self, form: PostForm) -> HttpResponse:
        """The form again, and below it what readers would see."""
        try:
            preview = render_post(form.cleaned_data["body"])
        except ValidationError as refusal:
            return self.refuse(form, refusal)
        return self.render_to_response(self.get_context_data(form=form, preview=preview))

    def refuse(self, form: PostForm, why: Exception, **context: Any) -> HttpResponse:
        """The form again with everything that was typed, and the reason where it belongs."""
        for field, sentence in _reasons(why):
            form.add_error(field if field in form.fields else None, sentence)
        if self.is_saved and self.post_object is not None:
            # The text was saved before the refusal: the next save starts from there.
            typed = self.request.POST.copy()
            typed["version"] = str(self.post_object.version)
            form.data = typed
        return self.render_to_response(self.get_context_data(form=form, **context), status=409)

    def save(self, form: PostForm) -> Post:
        raise NotImplementedError


def _reasons(why: Exception) -> list[tuple[str, str]]:
    """Each sentence, after the field it is about; "" for all of them."""
    if isinstance(why, DateRefused):
        return [("publish_at", each) for each in why.sentences]
    if isinstance(why, ValidationError):
        by_field = why.message_dict if hasattr(why, "error_dict") else {"": why.messages}
        return [(field, each) for field, sentences in by_field.items() for each in sentences]
    return [("", each) for each in getattr(why, "sentences", [str(why)])]


class NewPostView(WritingView):
    def refuse(self, form: PostForm, why: Exception, **context: Any) -> HttpResponse:
        """Once the text is saved, go on at its own address: here the next try would begin anew."""
        if self.post_object is None:
            return super().refuse(form, why, **context)
        for _field, sentence in _reasons(why):
            messages.error(self.request, sentence)
        there = reverse("post-edit", args=[self.post_object.pk])
        typed = self.request.POST.get("publish_at", "")
        return redirect(f"{there}?{urlencode({DATE: typed})}" if typed else there)

    def save(self, form: PostForm) -> Post:
        names = form.cleaned_data["tags"]
        return services.create_post(self.request.user, tags=names, **form.text())


class EditPostView(WritingView):
    def get_initial(self) -> dict[str, Any]:
        """A date that was refused with a new post stands in the form of the saved one."""
        typed = self.request.GET.get(DATE, "")
        return {"publish_at": typed} if _TYPED.fullmatch(typed) else {}

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.user.is_authenticated and can_write(request.user):
            self.post_object = self.editable_post()
        return super().dispatch(request, *args, **kwargs)

    def save(self, form: PostForm) -> Post:
        post = get_object_or_404(Post, pk=self.kwargs["pk"])
        services.edit_post(
            post,
            by=self.request.user,
            version=form.cleaned_data["version"] or 0,
            tags=form.cleaned_data["tags"],
            **form.text(),
        )
        return post


class PreviewView(AuthorsOnly, TemplateView):
    """A saved post as readers would see it, for those who may edit it."""

    template_name = "studio/preview.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(post=self.editable_post(), **kwargs)

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        response = super().render_to_response(context, **kwargs)
        response.headers["Cache-Control"] = "no-store, private"
        response.headers["X-Robots-Tag"] = "noindex"
        return response
