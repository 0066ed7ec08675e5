"""The authors' side: a list of posts, one form to write, and buttons that are all POST."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.formats import date_format
from django.views.generic import FormView, ListView, TemplateView

from blog import services
from blog.models import Post, Tag
from blog.policies import can_delete, can_feature, can_publish, can_write
from blog.rendering import render_post
from blog.services import Refused, StaleVersion
from blog.studio import descriptions
from blog.studio.access import AuthorsOnly
from blog.studio.forms import PostForm
from blog.studio.receipts import latest_receipt
from signalflow.pages.telling import tell


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
        return super().get_context_data(
            statuses=Post.Status.choices, status=self.request.GET.get("status", ""), **kwargs
        )


class WritingView(AuthorsOnly, FormView):
    """One form for new posts and old ones; the pressed button is named `do`."""

    template_name = "studio/write.html"
    form_class = PostForm
    post_object: Post | None = None

    @classmethod
    def describe_post(cls, user: Any, data: Any, **kwargs: Any) -> tuple[str, str]:
        return descriptions.of_writing(data)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "instance": self.post_object}

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
            preview = render_post(form.cleaned_data["body"])
            return self.render_to_response(self.get_context_data(form=form, preview=preview))
        try:
            post = self.save(form)
            self.say_saved(post, act, form.cleaned_data["publish_at"])
        except StaleVersion as stale:
            return self.refuse(form, stale, current=stale.current)
        except (Refused, ValidationError, PermissionDenied) as refusal:
            return self.refuse(form, refusal)
        return redirect("post-edit", pk=post.pk)

    def refuse(self, form: PostForm, why: Exception, **context: Any) -> HttpResponse:
        """The form again with everything that was typed, and the reason."""
        for sentence in _sentences(why):
            form.add_error(None, sentence)
        if self.post_object is not None and not context:
            # The text was saved before the refusal: the next save starts from there.
            typed = self.request.POST.copy()
            typed["version"] = str(self.post_object.version)
            form.data = typed
        return self.render_to_response(self.get_context_data(form=form, **context), status=409)

    def save(self, form: PostForm) -> Post:
        raise NotImplementedError

    def say_saved(self, post: Post, act: str, at: Any) -> None:
        self.post_object = post
        user = self.request.user
        if act == "publish":
            services.publish(post, by=user)
            tell(self.request, f"“{post.title}” is public.")
        elif act == "schedule":
            if at is None:
                raise Refused("Say when: fill in “Publish later, at”.")
            services.schedule(post, by=user, at=at)
            moment = date_format(timezone.localtime(at), "D j N Y, H:i")
            zone = timezone.get_current_timezone_name()
            tell(self.request, f"“{post.title}” will be public on {moment} ({zone}).")
        else:
            tell(self.request, "Saved.")


def _sentences(why: Exception) -> list[str]:
    if isinstance(why, ValidationError):
        return why.messages
    return getattr(why, "sentences", [str(why)])


class NewPostView(WritingView):
    def refuse(self, form: PostForm, why: Exception, **context: Any) -> HttpResponse:
        """Once the text is saved, go on at its own address: here the next try would begin anew."""
        if self.post_object is None:
            return super().refuse(form, why, **context)
        for sentence in _sentences(why):
            messages.error(self.request, sentence)
        return redirect("post-edit", pk=self.post_object.pk)

    def save(self, form: PostForm) -> Post:
        names = form.cleaned_data["tags"]
        return services.create_post(self.request.user, tags=names, **form.text())


class EditPostView(WritingView):
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
        "delete": (services.delete_post, "“%s” is deleted.", "“%s” is deleted."),
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
        return redirect("studio") if act == "delete" else redirect("post-edit", pk=pk)


class BulkPublishView(AuthorsOnly):
    """Several posts at once; each succeeds or fails by itself."""

    http_method_names = ["post"]

    @classmethod
    def describe_post(cls, user: Any, data: Any) -> tuple[str, str]:
        return descriptions.of_bulk(data)

    def post(self, request: HttpRequest) -> HttpResponse:
        typed = request.POST.getlist("post")[:200]
        keys = [key for key in typed if key.isascii() and key.isdecimal() and len(key) < 19]
        chosen = Post.objects.editable_by(request.user).filter(pk__in=keys)
        result = services.bulk_publish(chosen, by=request.user)
        tell(
            request,
            f"{len(result.published)} published, {len(result.skipped)} public already, "
            f"{len(result.failed)} refused.",
        )
        titles = {post.pk: post.title for post in chosen}
        for pk, reason in result.failed.items():
            messages.error(request, f"“{titles[pk]}”: {reason}")
        return redirect("studio")
