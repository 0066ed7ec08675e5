"""Who answers whom, so that a page never suggests another: comments nested as they are shown.

Indentation shows the first levels.  On the last one, where deeper answers stand too, each says
whom it answers.  What a thread hangs from and the page does not show stands there in a line: a
comment of an earlier page by its name, one that nobody may see (or that is deleted) as just that.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from blog.models import Post
from comments.models import Comment
from comments.paging import ids, public

INDENTS = 3  # levels below the first; deeper answers stand beside each other


@dataclass(slots=True)
class Node:
    """What stands at one place of a thread: a comment, or the line that stands for one.

    `comment` is None for one that is not shown to this reader; `is_context` if it stands on
    another page.  `says_whom` if its place does not: then `answered` is that comment, or None.
    """

    pk: int
    comment: Comment | None
    is_context: bool = False
    says_whom: bool = False
    answered: Comment | None = None
    answered_at: str = ""
    anchor: str = "conversation"  # what stands before it on the page
    answers: list["Node"] = field(default_factory=list)


def nested(post: Post, comments: list[Comment]) -> list[Node]:
    """The comments of a page (in thread order) below what they answer; one query at most."""
    shown = {comment.pk: comment for comment in comments}
    absent = {pk for comment in comments for pk in _above(comment)} - shown.keys()
    others = public(post).in_bulk(absent) if absent else {}
    top: list[Node] = []
    chain: list[Node] = []  # from the top down to the node before
    anchor = "conversation"
    for comment in comments:
        *above, _ = ids(comment.path)
        for level, pk in enumerate(above[:INDENTS]):
            if len(chain) <= level or chain[level].pk != pk:
                known = others.get(pk) or shown.get(pk)
                _put(Node(pk, known, is_context=True), level, chain, top)
        node = Node(comment.pk, comment, anchor=anchor)
        if len(above) >= INDENTS:
            node.says_whom = True
            node.answered = shown.get(comment.parent_id or 0) or others.get(comment.parent_id or 0)
            node.answered_at = _way_to(node.answered, shown)
        _put(node, min(len(above), INDENTS), chain, top)
        anchor = f"comment-{comment.pk}"
    return top


def flat(nodes: Iterable[Node]) -> Iterator[Node]:
    """The same from top to bottom."""
    for node in nodes:
        yield node
        yield from flat(node.answers)


def _above(comment: Comment) -> list[int]:
    """What the place of a comment names: those it is indented below, or whom it answers."""
    *above, _ = ids(comment.path)
    named = above[:INDENTS]
    return [*named, comment.parent_id] if comment.parent_id and len(above) >= INDENTS else named


def _put(node: Node, level: int, chain: list[Node], top: list[Node]) -> None:
    (chain[level - 1].answers if level else top).append(node)
    chain[level:] = [node]


def _way_to(comment: Comment | None, shown: dict[int, Comment]) -> str:
    if comment is None:
        return ""
    return f"#comment-{comment.pk}" if comment.pk in shown else comment.get_absolute_url()
