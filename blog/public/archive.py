"""The archive: a table of contents by year and month, and the posts of one of them."""

from datetime import MAXYEAR, MINYEAR, datetime
from typing import Any

from django.http import Http404
from django.utils import timezone
from django.views.generic import TemplateView

from blog import cache_tags
from blog.listing.months import months
from blog.listing.paging import PublicList
from blog.listing.placing import SITE
from blog.public.views import PostList
from pagecache import SignedInPage, depends_on


class ArchiveView(SignedInPage, TemplateView):
    template_name = "blog/archive.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        depends_on(cache_tags.POSTS)
        periods = [
            {"date": first, "year": first.year, "month": first.month, "count": count}
            for first, count in months(timezone.get_current_timezone())
        ]
        return super().get_context_data(periods=periods, **kwargs)


class PeriodView(PostList):
    """The posts of a year or a month."""

    template_name = "blog/archive.html"
    size = 30

    def list(self) -> PublicList:
        self.begin, end = _span(self.kwargs["year"], self.kwargs.get("month"))
        period = cache_tags.period(self.kwargs["year"], self.kwargs.get("month"))
        return PublicList(SITE, self.posts(), self.size, self.begin, end, period=period)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        if not context["posts"]:
            raise Http404
        return {**context, "begin": self.begin}


def _span(year: int, month: int | None) -> tuple[datetime, datetime]:
    """The first moment of a year or month, and the first one after it."""
    zone = timezone.get_current_timezone()
    # The first and the last year that Python knows are another year in some zone.
    if not MINYEAR < year < MAXYEAR or not (month is None or 1 <= month <= 12):
        raise Http404
    begin = datetime(year, month or 1, 1, tzinfo=zone)
    months = begin.year * 12 + begin.month - 1 + (1 if month else 12)
    return begin, datetime(months // 12, months % 12 + 1, 1, tzinfo=zone)
