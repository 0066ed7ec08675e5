"""The sitemap: generated on request under the same cache generations, so nothing updates it.

One list while it is short.  A longer one is split, and /sitemap.xml becomes the index of its
parts: it stays the one address that robots.txt names.
"""

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.contrib.sitemaps.views import index, sitemap
from django.core.paginator import Paginator
from django.db.models import Exists, Max, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import iri_to_uri
from django.utils.functional import cached_property

from blog import cache_tags
from blog.addresses import absolute, pages_by
from blog.listing.counts import count_posts
from blog.listing.names import SITE
from blog.models import Post, Tag
from pagecache import CachedPage, all_of, depends_on


class _Parts(Paginator):
    """Divides rows whose number is known: counting them would read each and what belongs to it."""

    def __init__(self, rows: Any, size: int, number: int) -> None:
        super().__init__(rows, size)
        self.number = number

    @cached_property
    def count(self) -> int:
        return self.number


class _OwnAddress(Sitemap):
    """Addresses from SITE_URL, never from a request's Host."""

    # sitemaps.org allows 50,000 addresses in a file; this many are still made within a request.
    limit = 10_000
    route: str
    changed = "updated_at"  # the column or annotation that says when a page changed last

    def number(self) -> int:
        """How many addresses there are."""
        raise NotImplementedError

    @property
    def paginator(self) -> Paginator:
        return _Parts(self.items(), self.limit, self.number())

    def get_urls(self, page: int | str = 1, *args: Any, **kwargs: Any) -> list[dict[str, Any]]:
        """Addresses and the site's days, all that templates/sitemap.xml shows: no row is an object.

        Rows say what a page depends on, so the views have to.
        """
        before, _, after = absolute(reverse(self.route, args=["-"])).rpartition("-")
        zone = timezone.get_default_timezone()
        rows: Any = self.paginator.page(page).object_list
        return [
            {
                "location": iri_to_uri(f"{before}{slug}{after}"),
                "lastmod": changed and changed.astimezone(zone).date().isoformat(),
            }
            for slug, changed in rows.values_list("slug", self.changed)
        ]

    def get_protocol(self, protocol: str | None = None) -> str:
        return urlsplit(settings.SITE_URL).scheme

    def get_domain(self, site: object = None) -> str:
        return urlsplit(settings.SITE_URL).netloc


class PostSitemap(_OwnAddress):
    route = "post"

    def number(self) -> int:
        public = Post.objects.published()
        return count_posts(SITE) - public.filter(Q(is_unlisted=True) | ~Q(canonical_url="")).count()

    def items(self) -> QuerySet[Post]:
        return Post.objects.published().for_search_engines()

    def get_latest_lastmod(self) -> datetime | None:
        """Asked of the database; Django would load every post for it."""
        return self.items().aggregate(newest=Max("updated_at"))["newest"]


class TagSitemap(_OwnAddress):
    """A tag's page changes when a post on it does."""

    route, changed = "tag", "newest"

    def number(self) -> int:
        return Tag.objects.public().count()

    def items(self) -> QuerySet[Tag]:
        newest = Max("posts__updated_at", filter=Q(posts__status=Post.Status.PUBLISHED))
        return Tag.objects.public().annotate(newest=newest).order_by("name")

    def get_latest_lastmod(self) -> datetime | None:
        # The newest post that has a tag: few are looked at, where a maximum would read all links.
        tagged = Exists(Post.tags.through._default_manager.filter(post=OuterRef("pk")))
        newest = Post.objects.published().filter(tagged).order_by("-updated_at")
        return newest.values_list("updated_at", flat=True).first()


SECTIONS: dict[str, Any] = {"posts": PostSitemap, "tags": TagSitemap}


class SitemapView(CachedPage):
    """The whole list, or the index of its parts once a section needs more than one."""

    def get(self, request: HttpRequest) -> HttpResponse:
        depends_on(cache_tags.POSTS, cache_tags.TAGS, all_of("post"))
        # An empty section has no file: the schema asks for one address at least.
        parts = {name: kind().paginator for name, kind in SECTIONS.items()}
        filled = {name: SECTIONS[name] for name, pages in parts.items() if pages.count}
        if all(parts[name].num_pages == 1 for name in filled):
            return sitemap(request, SECTIONS).render()
        response = index(request, filled, sitemap_url_name="sitemap-section")
        for part in (response.context_data or {})["sitemaps"]:
            # Django's index takes the domain from the request, and from nowhere else.
            path = urlsplit(part.location)._replace(scheme="", netloc="")
            part.location = absolute(path.geturl())
        return response.render()


class SectionView(CachedPage):
    page_parameters = pages_by("p")

    def get(self, request: HttpRequest, section: str) -> HttpResponse:
        depends_on(cache_tags.POSTS, cache_tags.TAGS, all_of("post"))
        return sitemap(request, SECTIONS, section=section).render()
