from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin, PermissionRequiredMixin
from django.core.exceptions import ValidationError
from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.views.generic import ListView, View

from blog.models import Post
from blog.services import Refused
from comments.forms import CommentForm
from comments.models import Comment
from comments.paging import place_of
from comments.services import approve_comment, reject_comment, submit_comment
from signalflow.pages.telling import tell


class SubmitView(LoginRequiredMixin, View):
    """A comment on a public post."""

    http_method_names = ["post"]
    form_class = CommentForm

    @classmethod
    def describe_post(cls, user: Any, data: Any, slug: str) -> tuple[str, str]:
        post = Post.objects.published().at_slug(slug)
        title = _("Your comment on “%s”") % post.title if post else _("Your comment")
        return title, _("Send comment")

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        # By an old slug too: the post may have moved while the comment was being written.
        post = Post.objects.published().at_slug(slug)
        if post is None:
            raise Http404
        form = CommentForm(request.POST)
        if form.is_valid():
            try:
                submit_comment(post, author=request.user, **form.cleaned_data)
            except Refused as refusal:
                form.add_error(None, str(refusal))
            except ValidationError as error:
                form.add_error("body", error.messages)
            else:
                messages.success(request, "Thank you. A moderator will read your comment.")
                return redirect(f"{post.get_absolute_url()}#conversation")
        return render(request, "comments/write.html", {"form": form, "post": post}, status=422)


class PlaceView(View):
    """The lasting address of a comment: leads to the page that shows it now."""

    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        comment = get_object_or_404(Comment.objects.approved().select_related("post"), pk=pk)
        return redirect(place_of(comment))


class ModeratorsOnly(LoginRequiredMixin, PermissionRequiredMixin):
    permission_required = "comments.moderate_comment"


class QueueView(ModeratorsOnly, ListView):
    """Comments by state, the longest waiting first."""

    template_name = "studio/comments.html"
    context_object_name = "comments"
    paginate_by = 30

    def status(self) -> str:
        asked = self.request.GET.get("status", "")
        return asked if asked in Comment.Status.values else Comment.Status.PENDING

    def get_queryset(self) -> QuerySet[Comment]:
        order = "created_at" if self.status() == Comment.Status.PENDING else "-created_at"
        rows = Comment.objects.filter(status=self.status()).order_by(order, "pk")
        return rows.select_related("post", "author__profile", "parent", "moderator__profile")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        counts = dict(Comment.objects.values_list("status").annotate(Count("pk")))
        tabs = [(value, label, counts.get(value, 0)) for value, label in Comment.Status.choices]
        return super().get_context_data(tabs=tabs, status=self.status(), **kwargs)


class ModerateView(ModeratorsOnly, View):
    """Approve, spam, trash: POST only, once only."""

    http_method_names = ["post"]

    @classmethod
    def describe_post(cls, user: Any, data: Any, pk: int, act: str) -> tuple[str, str]:
        words = {"approve": _("Approve"), "spam": _("Mark as spam"), "trash": _("Trash")}
        button = words.get(act, _("Decide"))
        comment = Comment.objects.filter(pk=pk).first()
        if comment is None or not user.has_perm(cls.permission_required):
            return _("%s a comment") % button, button
        said = Truncator(comment.body).chars(80)
        return f"{button}: “{said}” ({comment.author_name})", button

    def post(self, request: HttpRequest, pk: int, act: str) -> HttpResponse:
        comment = get_object_or_404(Comment, pk=pk)
        try:
            if act == "approve":
                answer = approve_comment(comment, by=request.user)
            elif act in {Comment.Status.SPAM, Comment.Status.TRASH}:
                answer = reject_comment(comment, by=request.user, verdict=act)
            else:
                raise Http404
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            if answer.changed:
                tell(request, answer.sentence)
            else:
                messages.info(request, answer.sentence)
        return redirect(self._way_back())

    def _way_back(self) -> str:
        target = self.request.POST.get("next", "")
        # A path: `redirect` would take any other word for the name of a view.
        ours = target.startswith("/") and url_has_allowed_host_and_scheme(target, None)
        return target if ours else "moderation"
