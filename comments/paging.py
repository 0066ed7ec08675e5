"""Pages of a conversation, each named by the place it begins at (`?comments=812-900`).

Comments are in the order of their paths, so a page is one range of one index; nothing is counted
or skipped, and a permalink (`/comments/812/`) finds its page by looking back one page at most.
A place is the path of a comment in short; whether a comment stands there, or ever did, nobody
has to ask: what nobody may see is not told from what never was.
"""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import Http404, HttpRequest

from blog.addresses import LAST, NUMBER, PLACE, CursorExpired
from blog.models import Post
from comments.models import PATH_STEP, Comment, CommentQuerySet

PER_PAGE = 50
PARAMETER = "comments"


@dataclass(frozen=True, slots=True)
class ConversationPage:
    """Some comments in thread order; the ways are queries, "" the first page, None no page.

    `begin` is the path from which on it shows comments, `end` that of the next page's first.
    """

    comments: list[Comment]
    query: str
    earlier: str | None
    later: str | None
    begin: str = ""
    end: str | None = None

    @property
    def count(self) -> int:
        """How many comments there are, if all are on this page; else 0."""
        return len(self.comments) if self.is_whole else 0

    @property
    def is_whole(self) -> bool:
        return self.earlier is None and self.later is None

    def has_place_for(self, comment: Comment) -> bool:
        """Whether a comment that is not public would stand on this page."""
        return self.begin <= comment.path and (self.end is None or comment.path < self.end)


def page_of(post: Post, request: HttpRequest) -> ConversationPage:
    """The page a visitor asks for.

    Raises Http404 for what names no place, CursorExpired where no public comment stands in it: then
    the page begins with the next one, or is the last.
    """
    rows = public(post)
    named = request.GET.get(PARAMETER, "")
    if named == LAST:
        begin = _back_from(rows.order_by("-path"), PER_PAGE - 1)
    else:
        begin = _path(named) if named else None
    shown = rows if begin is None else rows.filter(path__gte=begin)
    comments = list(shown.with_picture()[: PER_PAGE + 1])
    if begin is not None and (not comments or comments[0].path != begin):
        raise CursorExpired(_query(_better_place(rows, named, comments), request))
    rest, comments = comments[PER_PAGE:], comments[:PER_PAGE]
    earlier = None if begin is None else _earlier(rows, begin)
    return ConversationPage(
        comments=comments,
        query=_query(place(comments[0].path)) if earlier is not None else "",
        earlier=earlier,
        later=_query(place(rest[0].path)) if rest else None,
        begin=begin or "",
        end=rest[0].path if rest else None,
    )


def place_of(comment: Comment) -> str:
    """The address of a comment: its post, the page with it, and the comment on it.

    A page other than the first begins with the thread, if the comment is within its first page,
    else with the comment itself, or for one that is not public with the comment before it.
    """
    rows, address = public(comment.post), comment.post.get_absolute_url()
    until = rows.filter(path__lte=comment.path).order_by("-path")
    begin = _back_from(until, PER_PAGE)
    if begin is None:
        return f"{address}#comment-{comment.pk}"
    root = rows.filter(path__gte=comment.path[:PATH_STEP]).first()
    if root is None or not begin < root.path <= comment.path:
        root = until[0]  # there are more than a page of them
    return f"{address}{_query(place(root.path))}#comment-{comment.pk}"


def answered(post: Post, named: str) -> Comment | None:
    """The comment of this id that somebody may answer, on whichever page it is."""
    return public(post).filter(pk=int(named)).first() if NUMBER.fullmatch(named) else None


def public(post: Post) -> CommentQuerySet:
    """What everybody reads under a post, in thread order."""
    return Comment.objects.approved().under(post).in_thread_order()


def place(path: str) -> str:
    """A path as it is written in addresses: "812-900"."""
    return "-".join(str(pk) for pk in ids(path))


def ids(path: str) -> list[int]:
    """The comments a path leads through, the last one is its own."""
    return [int(path[at : at + PATH_STEP]) for at in range(0, len(path), PATH_STEP)]


def _path(named: str) -> str:
    if not PLACE.fullmatch(named):
        raise Http404
    return "".join(f"{int(pk):0{PATH_STEP}d}" for pk in named.split("-"))


def _better_place(rows: CommentQuerySet, named: str, following: list[Comment]) -> str:
    """Where a page begins instead; a public comment may be named by its id alone."""
    asked = rows.filter(pk=int(named)).first() if NUMBER.fullmatch(named) else None
    first = asked or next(iter(following), None)
    return place(first.path) if first else LAST


def _query(named: str, request: HttpRequest | None = None) -> str:
    """The query of a page; whom the reader was about to answer in `request` goes along."""
    answered = request.GET.get("reply", "") if request else ""
    values = {PARAMETER: named, "reply": answered}
    return f"?{urlencode({name: value for name, value in values.items() if value})}"


def _earlier(rows: CommentQuerySet, begin: str) -> str | None:
    before = rows.filter(path__lt=begin).order_by("-path").values_list("path", flat=True)
    paths = list(before[: PER_PAGE + 1])
    if not paths:
        return None
    return _query(place(paths[PER_PAGE - 1])) if len(paths) > PER_PAGE else ""


def _back_from(rows: CommentQuerySet, steps: int) -> str | None:
    """The path so many steps on, None if there are not so many."""
    return rows.values_list("path", flat=True)[steps : steps + 1].first()
