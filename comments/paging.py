"""Pages of a conversation, each named by the comment it begins with (`?comments=812`).

Comments are in the order of their paths, so a page is one range of one index; nothing is counted
or skipped, and a permalink (`/comments/812/`) finds its page by looking back one page at most.
"""

from dataclasses import dataclass

from django.http import Http404, HttpRequest

from blog.models import Post
from blog.pages import LAST, NUMBER
from comments.models import PATH_STEP, Comment, CommentQuerySet

PER_PAGE = 50
PARAMETER = "comments"


@dataclass(frozen=True, slots=True)
class ConversationPage:
    """Some comments in thread order; the ways are queries, "" the first page, None no page."""

    comments: list[Comment]
    query: str
    earlier: str | None
    later: str | None

    @property
    def count(self) -> int:
        """How many comments there are, if all are on this page; else 0."""
        return len(self.comments) if self.is_whole else 0

    @property
    def is_whole(self) -> bool:
        return self.earlier is None and self.later is None


def page_of(post: Post, request: HttpRequest) -> ConversationPage:
    """The page a visitor asks for.  Raises Http404 if no comment of this post is named so."""
    rows = _rows(post)
    named = request.GET.get(PARAMETER, "")
    if named == LAST:
        begin = _back_from(rows.order_by("-path"), PER_PAGE - 1)
    else:
        begin = _path_of(post, named) if named else None
    shown = rows if begin is None else rows.filter(path__gte=begin)
    comments = list(shown.select_related("author__profile")[: PER_PAGE + 1])
    earlier = None if begin is None else _earlier(rows, begin)
    return ConversationPage(
        comments=comments[:PER_PAGE],
        query=f"?{PARAMETER}={comments[0].pk}" if earlier is not None and comments else "",
        earlier=earlier,
        later=f"?{PARAMETER}={comments[-1].pk}" if len(comments) > PER_PAGE else None,
    )


def place_of(comment: Comment) -> str:
    """The address of a public comment: its post, the page with it, and the comment on it.

    A page other than the first begins with the thread, if the comment is within its first page,
    else with the comment itself.
    """
    rows, address = _rows(comment.post), comment.post.get_absolute_url()
    begin = _back_from(rows.filter(path__lte=comment.path).order_by("-path"), PER_PAGE)
    if begin is None:
        return f"{address}#comment-{comment.pk}"
    root = rows.filter(path__gte=comment.path[:PATH_STEP]).first()
    first = root if root is not None and root.path > begin else comment
    return f"{address}?{PARAMETER}={first.pk}#comment-{comment.pk}"


def _rows(post: Post) -> CommentQuerySet:
    return Comment.objects.approved().under(post).in_thread_order()


def _path_of(post: Post, named: str) -> str:
    """Where a comment stands or stood: a page outlives the approval of its first comment."""
    if NUMBER.fullmatch(named):
        comments = Comment.objects.under(post).filter(pk=int(named))
        paths = comments.values_list("path", flat=True)
        if path := paths.first():
            return path
    raise Http404


def _earlier(rows: CommentQuerySet, begin: str) -> str | None:
    before = rows.filter(path__lt=begin).order_by("-path").values_list("pk", flat=True)
    keys = list(before[: PER_PAGE + 1])
    if not keys:
        return None
    return f"?{PARAMETER}={keys[PER_PAGE - 1]}" if len(keys) > PER_PAGE else ""


def _back_from(rows: CommentQuerySet, steps: int) -> str | None:
    """The path so many steps on, None if there are not so many."""
    return rows.values_list("path", flat=True)[steps : steps + 1].first()
