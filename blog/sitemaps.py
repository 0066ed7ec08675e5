"""The sitemap: generated on request under the same cache generations, so nothing updates it."""

from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.contrib.sitemaps.views import sitemap
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from blog.models import Post, Tag
from blog.pages import PublicPage


class _OwnAddress(Sitemap):
    """Addresses from SITE_URL, never from a request's Host."""

    limit = 10_000

    def get_protocol(self, protocol: str | None = None) -> str:
        return urlsplit(settings.SITE_URL).scheme

    def get_domain(self, site: object = None) -> str:
        return urlsplit(settings.SITE_URL).netloc


class PostSitemap(_OwnAddress):
    def items(self) -> QuerySet[Post]:
        return Post.objects.published().only("slug", "updated_at", "published_at")

    def lastmod(self, post: Post) -> datetime:
        return post.updated_at


class TagSitemap(_OwnAddress):
    def items(self) -> QuerySet[Tag]:
        return Tag.objects.filter(post_count__gt=0)


class SitemapView(PublicPage):
    def get(self, request: HttpRequest) -> HttpResponse:
        response = sitemap(request, {"posts": PostSitemap, "tags": TagSitemap})
        return response.render()
