"""Where public posts stand, written in the transaction that makes or ends it.

No index of posts serves "of this tag, newest first": whichever way the database goes, some tag is
slow.  So each public post has a `Listing` for every list it is in.  And no index counts: each
change adds a `DayCount` of plus or minus one.  Nobody waits for anybody to do so, because rows are
only added; `fold` sums up what lies there.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, QuerySet

from blog.listing.models import DayCount, Listing
from blog.models import Post

SITE = "site"
CHUNK = 1_000

Place = tuple[str, int, datetime]  # list, post, moment


def of_author(pk: int) -> str:
    """The name of the list of somebody's posts."""
    return f"author:{pk}"


def of_tag(pk: int) -> str:
    """The name of the list of a tag's posts."""
    return f"tag:{pk}"


def day_of(moment: datetime) -> date:
    """The day a moment is counted under, in UTC: days must not change with the site's zone."""
    return moment.astimezone(UTC).date()


def _wanted(posts: QuerySet[Post]) -> set[Place]:
    """The places these posts should have, by what they and their tags are now."""
    rows = posts.values_list("pk", "status", "author", "published_at")
    facts: dict[int, tuple[int, Any]] = {
        pk: (author, at) for pk, status, author, at in rows if status == Post.Status.PUBLISHED
    }
    places = {(SITE, pk, at) for pk, (_, at) in facts.items()}
    places |= {(of_author(author), pk, at) for pk, (author, at) in facts.items()}
    links = Post.tags.through._default_manager.filter(post_id__in=facts) if facts else ()
    for link in links:
        places.add((of_tag(link.tag_id), link.post_id, facts[link.post_id][1]))
    return places


def _differences(posts: QuerySet[Post], ids: list[int]) -> tuple[set[Place], dict[Place, int]]:
    """Places that are missing, and those that are wrong with the ids of their rows."""
    wanted = _wanted(posts.filter(pk__in=ids).order_by("pk"))
    rows = Listing.objects.filter(post_id__in=ids)
    found = {
        (name, post, at): pk
        for name, post, at, pk in rows.values_list("list", "post_id", "published_at", "pk")
    }
    return wanted - found.keys(), {place: found[place] for place in found.keys() - wanted}


def _chunks(ids: Iterable[int]) -> Iterator[list[int]]:
    ordered = sorted(set(ids))
    return (ordered[at : at + CHUNK] for at in range(0, len(ordered), CHUNK))


def place(ids: Iterable[int]) -> set[Place]:
    """Put these posts where they belong now, and take them off everywhere else.

    Returns the places they left.

    Their rows are locked first, in the order of their ids: a tag that is added while the post is
    published waits for it, or is waited for, and the later one sees both.
    """
    left: set[Place] = set()
    for chunk in _chunks(ids):
        with transaction.atomic(savepoint=False):
            new, gone = _differences(Post.objects.select_for_update(), chunk)
            _write(new, gone)
        left |= gone.keys()
    return left


def take_off(pk: int) -> None:
    """Take a post that is about to be deleted off every list."""
    rows = Listing.objects.filter(post_id=pk).values_list("list", "post_id", "published_at", "pk")
    _write(set(), {(name, post, at): key for name, post, at, key in rows})


def _write(new: set[Place], gone: dict[Place, int]) -> None:
    changes = Counter((name, day_of(at)) for name, _, at in new)
    changes.subtract(Counter((name, day_of(at)) for name, _, at in gone))
    if gone:
        Listing.objects.filter(pk__in=gone.values()).delete()
    Listing.objects.bulk_create(
        Listing(list=name, post_id=post, published_at=at) for name, post, at in sorted(new)
    )
    DayCount.objects.bulk_create(
        DayCount(list=name, day=day, change=change)
        for (name, day), change in sorted(changes.items())
        if change
    )


def listed_under(name: str) -> list[int]:
    """The ids of the posts that stand in a list."""
    return list(Listing.objects.filter(list=name).values_list("post_id", flat=True))


def fold() -> int:
    """Make one row of each day's changes; returns how many days had several.

    What another one is folding is left to it: the rows taken are those that were locked.
    """
    several = DayCount.objects.values("list", "day").annotate(rows=Count("pk")).filter(rows__gt=1)
    days = list(several.values_list("list", "day"))
    for name, day in days:
        with transaction.atomic():
            rows = DayCount.objects.select_for_update(skip_locked=True).filter(list=name, day=day)
            taken = dict(rows.values_list("pk", "change"))
            DayCount.objects.filter(pk__in=taken).delete()
            if total := sum(taken.values()):
                DayCount.objects.create(list=name, day=day, change=total)
    return len(days)


# -- what no signal saw ------------------------------------------------------------------


def wrong_places() -> dict[int, str]:
    """The posts that do not stand where they belong: id and a sentence."""
    wrong: set[int] = set()
    for chunk in _chunks(Post.objects.values_list("pk", flat=True)):
        missing, false = _differences(Post.objects.all(), chunk)
        wrong |= {post for _, post, _ in missing} | {post for _, post, _ in false}
    return {pk: f"lists of post {pk}: not where it belongs" for pk in sorted(wrong)}


_DAY = {"sqlite": "date(published_at)", "postgresql": "(published_at AT TIME ZONE 'UTC')::date"}
_MISCOUNTED = """
    SELECT list, day, SUM(change) FROM (
        SELECT list, {day} AS day, 1 AS change FROM blog_listing
        UNION ALL SELECT list, day, -change FROM blog_daycount
    ) AS entries GROUP BY list, day HAVING SUM(change) <> 0 ORDER BY list, day
"""


def wrong_numbers() -> list[DayCount]:
    """What must be added to make every day's number true, seen in one statement; not saved."""
    with connection.cursor() as cursor:
        cursor.execute(_MISCOUNTED.format(day=_DAY[connection.vendor]))
        rows = cursor.fetchall()
    return [DayCount(list=name, day=day, change=int(change)) for name, day, change in rows]


def in_words(wrong: list[DayCount]) -> list[str]:
    """A sentence for each list whose numbers are wrong."""
    names = sorted({row.list.replace(":", " ") for row in wrong})
    return [f"numbers of list {name}: not up to date" for name in names]
