"""How many public posts a list has: counted on an index of the listings when somebody asks.

A count is as true as the listings, which are written with the posts.  There is no number that
has to follow a change.  What asking costs is in docs/decisions/0002-lists-without-counters.md.
"""

from datetime import date

from django.db.models import Count

from blog.listing.names import SITE
from blog.models import Listing
from blog.months import Period
from pagecache import declared_reads


@declared_reads()  # whoever counts says what: the tag of the list
def count_posts(name: str, period: Period | None = None) -> int:
    """The number of posts in the list of this name, in all or in a period."""
    rows = Listing.objects.filter(list=name)
    if period is not None:
        rows = rows.filter(month__gte=period.first, month__lt=period.after)
    return rows.count()


@declared_reads()
def count_by_month() -> list[tuple[date, int]]:
    """The first day of each month that has public posts, newest first, with their number."""
    rows = Listing.objects.filter(list=SITE).order_by("-month")
    # Not the number of ids, which the index does not hold on PostgreSQL.
    return list(rows.values_list("month").annotate(posts=Count("*")))
