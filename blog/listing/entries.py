"""Which public post is in which list, written in the transaction that makes or ends it.

No index of posts serves "of this tag, newest first": whichever way the database goes, some tag is
slow.  So each public post has a `Listing` for every list it is in.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import QuerySet

from blog.listing.names import SITE, of_author, of_tag
from blog.models import Listing, Post
from blog.months import month_of

CHUNK = 1_000


class Entry(NamedTuple):
    """A post in a list; see `Listing`."""

    list: str
    post_id: int
    published_at: datetime
    month: date


def list_posts(ids: Iterable[int]) -> set[Entry]:
    """Enter these posts in the lists they belong to now, and remove them from all others.

    `ids` may name posts that are not public, or that are gone.  Returns the entries that were
    removed.

    Their rows are locked first, in the order of their ids: a tag that is added while the post is
    published waits for it, or is waited for, and the later one sees both.
    """
    removed: set[Entry] = set()
    for chunk in _chunks(ids):
        with transaction.atomic(savepoint=False):
            missing, wrong = _differences(Post.objects.select_for_update(), chunk)
            if wrong:
                Listing.objects.filter(pk__in=wrong.values()).delete()
            Listing.objects.bulk_create(Listing(**entry._asdict()) for entry in sorted(missing))
        removed |= wrong.keys()
    return removed


def posts_listed(name: str) -> list[int]:
    """The ids of the posts in a list, in no order."""
    return list(Listing.objects.filter(list=name).values_list("post_id", flat=True))


def find_wrong() -> dict[int, str]:
    """The posts that are not in just the lists they belong to: id and a sentence.

    Also those whose month is another one since the site has another time zone.
    """
    found: set[int] = set()
    for chunk in _chunks(Post.objects.values_list("pk", flat=True)):
        missing, wrong = _differences(Post.objects.all(), chunk)
        found |= {entry.post_id for entry in (*missing, *wrong)}
    return {pk: f"lists of post {pk}: not where it belongs" for pk in sorted(found)}


def _wanted(posts: QuerySet[Post]) -> set[Entry]:
    """The entries these posts should have, by what they and their tags are now."""
    rows = posts.values_list("pk", "status", "author", "published_at")
    public: dict[int, tuple[int, Any]] = {
        pk: (author, at) for pk, status, author, at in rows if status == Post.Status.PUBLISHED
    }
    lists = [(SITE, pk) for pk in public]
    lists += [(of_author(author), pk) for pk, (author, _) in public.items()]
    links = Post.tags.through._default_manager.filter(post_id__in=public) if public else ()
    lists += [(of_tag(link.tag_id), link.post_id) for link in links]
    months = {pk: month_of(at) for pk, (_, at) in public.items()}
    return {Entry(name, pk, public[pk][1], months[pk]) for name, pk in lists}


def _differences(posts: QuerySet[Post], ids: list[int]) -> tuple[set[Entry], dict[Entry, int]]:
    """Entries that are missing, and those that are wrong with the ids of their rows."""
    wanted = _wanted(posts.filter(pk__in=ids).order_by("pk"))
    rows = Listing.objects.filter(post_id__in=ids).values_list(*Entry._fields, "pk")
    found = {Entry(*columns): pk for *columns, pk in rows}
    return wanted - found.keys(), {entry: found[entry] for entry in found.keys() - wanted}


def _chunks(ids: Iterable[int]) -> Iterator[list[int]]:
    ordered = sorted(set(ids))
    return (ordered[at : at + CHUNK] for at in range(0, len(ordered), CHUNK))
