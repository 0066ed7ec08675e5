"""Years and months of the site's own time zone (`TIME_ZONE`), whoever looks.

An address such as /archive/2019/12/ must lead everybody to the same posts, so the reader's zone has
no say in it; it decides only how the times of posts are shown.
"""

from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, timedelta

from django.utils import timezone

from blog import cache_tags


def month_of(moment: datetime) -> date:
    """The first day of the month that an aware moment is in."""
    month = moment.astimezone(timezone.get_default_timezone()).date().replace(day=1)
    # Clocks that are set back over midnight do not take back a month that has begun.
    after = _month_after(month)
    return after if moment >= _begin_of(after) else month


@dataclass(frozen=True, slots=True)
class Period:
    """A year, or a month of it.  Raises ValueError for what is none."""

    year: int
    month: int | None = None

    def __post_init__(self) -> None:
        # The first and the last year that Python knows are another year in some zone.
        if not MINYEAR < self.year < MAXYEAR or self.month not in {None, *range(1, 13)}:
            raise ValueError(self)

    @property
    def first(self) -> date:
        """The first day of its first month."""
        return date(self.year, self.month or 1, 1)

    @property
    def after(self) -> date:
        """The first day of the first month after it."""
        return _month_after(self.first) if self.month else date(self.year + 1, 1, 1)

    @property
    def begin(self) -> datetime:
        """Its first moment."""
        return _begin_of(self.first)

    @property
    def end(self) -> datetime:
        """The first moment after it."""
        return _begin_of(self.after)

    @property
    def cache_tag(self) -> str:
        """What pages depend on that list its posts."""
        return cache_tags.period(self.year, self.month)


def _month_after(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)


def _begin_of(month: date) -> datetime:
    begin = datetime(month.year, month.month, 1, tzinfo=timezone.get_default_timezone())
    return begin.astimezone(UTC)  # moments of one zone are compared by the wall clock
