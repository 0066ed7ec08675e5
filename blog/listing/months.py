"""The months that have posts, with their numbers, in any time zone."""

from collections import Counter
from datetime import UTC, date, datetime, time, tzinfo

from django.db import connection
from django.utils.timezone import is_aware

from blog.listing.numbers import by_month, month_after
from blog.listing.placing import SITE


def months(zone: tzinfo) -> list[tuple[date, int]]:
    """The first day of each month of `zone` that has public posts, newest first, with how many.

    Months are counted in UTC.  Only posts of the hours by which both begin apart are looked at.
    """
    known = by_month(SITE)
    totals = Counter(dict(known))
    for moment in _between_midnights([month for month, _ in known], zone):
        totals[_month(moment, UTC)] -= 1
        totals[_month(moment, zone)] += 1
    return sorted(((month, total) for month, total in totals.items() if total), reverse=True)


def _month(moment: datetime, zone: tzinfo) -> date:
    return moment.astimezone(zone).date().replace(day=1)


# A join with a table of spans: an OR of as many conditions would use no index on SQLite.
_WITHIN = """
    WITH span (low, high) AS (VALUES {spans})
    SELECT published_at FROM span CROSS JOIN blog_listing
    WHERE list = %s AND published_at >= low AND published_at < high
"""


def _between_midnights(known: list[date], zone: tzinfo) -> list[datetime]:
    """When posts were published while a month had begun in one of UTC and `zone` only."""
    spans = []
    for month in {*known, *map(month_after, known)}:
        ours, theirs = (datetime.combine(month, time(), at) for at in (UTC, zone))
        if ours != theirs:
            spans.append((min(ours, theirs), max(ours, theirs)))
    if not spans:
        return []
    bounds = [connection.ops.adapt_datetimefield_value(at) for span in spans for at in span]
    with connection.cursor() as cursor:
        cursor.execute(_WITHIN.format(spans=", ".join(["(%s, %s)"] * len(spans))), [*bounds, SITE])
        return [_moment(value) for (value,) in cursor.fetchall()]


def _moment(value: datetime | str) -> datetime:
    """What SQLite keeps is in UTC and does not say so."""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment if is_aware(moment) else moment.replace(tzinfo=UTC)
