from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin, PermissionRequiredMixin
from django.core.exceptions import ValidationError
from django.core.paginator import InvalidPage, Page, Paginator
from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.views.generic import ListView, View

from blog.models import Post
from blog.services import Refused
from comments.forms import CommentForm
from comments.models import Comment
from comments.paging import answered, place_of
from comments.services import VERDICTS, approve_comment, reject_comment, submit_comment
from comments.verdicts import what_was_told
from signalflow.staff.messages import tell


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
                return redirect(self._place_of(self._submit(post, form)))
            except Refused as refusal:
                form.add_error(None, str(refusal))
            except ValidationError as error:
                form.add_error("body", error.messages)
        # What is not to be answered any more must not stop the text from being sent.
        parent = answered(post, request.POST.get("parent", ""))
        if parent is None:
            form.data = {**request.POST.dict(), "parent": ""}
        shown = {"form": form, "post": post, "parent": parent}
        return render(request, "comments/write.html", shown, status=422)

    def _submit(self, post: Post, form: CommentForm) -> Comment:
        fields = form.cleaned_data
        parent = answered(post, fields["parent"] or "")
        if fields["parent"] and parent is None:
            raise Refused(
                _("The comment you answer is not there any more.")
                + " "
                + _("Sent once more, yours stands by itself.")
            )
        return submit_comment(
            post,
            author=self.request.user,
            body=fields["body"],
            parent=parent,
            submission=fields["submission"],
        )

    def _place_of(self, comment: Comment) -> str:
        """Where its author sees it: it says itself that it waits."""
        if comment.status in VERDICTS:  # a form sent again that a moderator has met meanwhile
            messages.info(self.request, _("A moderator has decided not to show this comment."))
            return f"{comment.post.get_absolute_url()}#conversation"
        return place_of(comment)


class PlaceView(View):
    """The lasting address of a comment: leads to the page that shows it now."""

    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        comment = get_object_or_404(Comment.objects.approved().select_related("post"), pk=pk)
        return redirect(place_of(comment))


class ModeratorsOnly(LoginRequiredMixin, PermissionRequiredMixin):
    permission_required = "comments.moderate_comment"


class _Lenient(Paginator):
    """Shows the last page where the one asked for is none, or was emptied by a verdict."""

    def page(self, number: int | str) -> Page[Any]:
        try:
            return super().page(number)
        except InvalidPage:
            return super().page(self.num_pages)


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
        context = super().get_context_data(tabs=tabs, status=self.status(), **kwargs)
        # A verdict takes the comment out of this list; the moderator goes on with the next one.
        shown = list(context["comments"])
        for comment, beside in zip(shown, [*shown[1:], *(shown[-2:-1] or [None])], strict=False):
            vars(comment)["beside"] = f"comment-{beside.pk}" if beside else ""
        return {**context, "comments": shown}

    def get_paginator(self, *args: Any, **kwargs: Any) -> Paginator[Any]:
        return _Lenient(*args, **kwargs)


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
        comment = get_object_or_404(Comment.objects.select_related("post"), pk=pk)
        # Who sends no word of what they saw, saw it waiting.
        seen = request.POST.get("seen", Comment.Status.PENDING)
        try:
            if act == "approve":
                answer = approve_comment(comment, by=request.user, seen=seen)
            elif act in VERDICTS:
                answer = reject_comment(comment, by=request.user, verdict=act, seen=seen)
            else:
                raise Http404
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            if answer.is_contested:
                return self._ask_again(comment, answer.sentence)
            if answer.changed:
                tell(request, answer.sentence)
            else:
                messages.info(request, answer.sentence)
        return redirect(self._way_back())

    def _ask_again(self, comment: Comment, sentence: str) -> HttpResponse:
        """Somebody decided otherwise meanwhile: who and when, and who knows of it already."""
        context = {
            "comment": comment,
            "sentence": sentence,
            "told": what_was_told(comment),
            "back": resolve_url(self._way_back()),
        }
        return render(self.request, "comments/decided.html", context, status=409)

    def _way_back(self) -> str:
        target = self.request.POST.get("next", "")
        # A path: `redirect` would take any other word for the name of a view.
        ours = target.startswith("/") and url_has_allowed_host_and_scheme(target, None)
        return target if ours else "moderation"
