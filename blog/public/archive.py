"""The archive: a table of contents by year and month, and the posts of one of them."""

from typing import Any

from django.http import Http404
from django.views.generic import TemplateView

from blog import cache_tags
from blog.listing.counts import count_by_month
from blog.listing.names import SITE
from blog.listing.paging import PublicList
from blog.months import Period
from blog.public.views import PostList
from pagecache import SignedInPage, depends_on


class ArchiveView(SignedInPage, TemplateView):
    template_name = "blog/archive.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        depends_on(cache_tags.POSTS)
        return super().get_context_data(months=count_by_month(), **kwargs)


class PeriodView(PostList):
    """The posts of a year or a month, as the site's time zone has them."""

    template_name = "blog/archive.html"
    size = 30

    def list(self) -> PublicList:
        try:
            self.period = Period(self.kwargs["year"], self.kwargs.get("month"))
        except ValueError:
            raise Http404 from None
        return PublicList(SITE, self.posts(), self.size, self.period)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        if not context["posts"]:
            raise Http404
        return {**context, "period": self.period}
