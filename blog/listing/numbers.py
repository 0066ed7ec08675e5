"""How many public posts a list has, in all or in some time, from the numbers of its days."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from django.db.models import CharField, Sum
from django.db.models.functions import Cast, Substr

from blog.listing.models import DayCount, Listing
from blog.listing.placing import day_of


def midnight(moment: datetime) -> datetime:
    """The beginning of the day a moment is counted under."""
    return moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def by_month(name: str) -> list[tuple[date, int]]:
    """The months (UTC) in which a list has posts, newest first: first day and number."""
    # Cut out of the text: SQLite would call Python to truncate each date.
    month = Substr(Cast("day", CharField()), 1, 7)
    rows = DayCount.objects.filter(list=name).values_list(month).annotate(total=Sum("change"))
    found = ((date.fromisoformat(f"{text}-01"), total) for text, total in rows if total)
    return sorted(found, reverse=True)


def by_day(name: str, month: date) -> list[tuple[date, int]]:
    """The days (UTC) of a month in which a list has posts, newest first, each with the number."""
    days = DayCount.objects.filter(list=name, day__gte=month, day__lt=month_after(month))
    return list(days.order_by("-day").values_list("day").annotate(total=Sum("change")))


def month_after(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)


def day_at(name: str, offset: int, without: Sequence[date] = ()) -> tuple[datetime, int]:
    """Where the post is that has `offset` newer ones: the end of its day, and how many newer ones
    that day has.  `without` are the days of posts that do not count.
    """
    for month, total in by_month(name):
        here = [day for day in without if month <= day < month_after(month)]
        if offset < total - len(here):
            for day, number in by_day(name, month):
                number -= here.count(day)
                if offset < number:
                    return datetime.combine(day, time(), UTC) + timedelta(days=1), offset
                offset -= number
        offset -= total - len(here)
    return datetime.min.replace(tzinfo=UTC), 0


def between(name: str, begin: datetime | None = None, end: datetime | None = None) -> int:
    """How many posts a list has from `begin` to before `end`, None for no bound.

    Whole days are known; only what `begin` and `end` cut off a day is counted.
    """
    if begin and end and end - begin < timedelta(days=2):
        return _counted(name, begin, end)
    days, edges = DayCount.objects.filter(list=name), 0
    if begin is not None:
        whole = midnight(begin + timedelta(days=1, microseconds=-1))
        edges += _counted(name, begin, whole)
        days = days.filter(day__gte=day_of(whole))
    if end is not None:
        edges += _counted(name, midnight(end), end)
        days = days.filter(day__lt=day_of(end))
    return edges + (days.aggregate(total=Sum("change"))["total"] or 0)


def _counted(name: str, begin: datetime, end: datetime) -> int:
    if begin >= end:
        return 0
    rows = Listing.objects.filter(list=name)
    return rows.filter(published_at__gte=begin, published_at__lt=end).count()
