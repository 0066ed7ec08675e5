"""Feeds of the site, of a tag, of an author, each in three formats."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from mimetypes import guess_type
from typing import Any

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.feedgenerator import Enclosure, SyndicationFeed

from blog import cache_tags
from blog.addresses import absolute
from blog.listing.names import SITE, of_author, of_tag
from blog.listing.paging import PublicList
from blog.models import Post, Tag
from blog.public.feed_formats import FORMATS
from blog.querysets import BEYOND_NAME, PostQuerySet
from blog.rendering.pipeline import with_absolute_addresses
from pagecache import CachedPage, declared_reads, depends_on

ITEMS = 20

# Everything but the Char production of XML 1.0: one such sign would make the whole feed invalid.
_NO_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _xml(text: str) -> str:
    return _NO_XML.sub("", text)


class _SiteFeed(Feed):
    """The newest posts with their full text; every address from SITE_URL, never from Host."""

    item_guid_is_permalink = False

    def __init__(self, suffix: str, feed_type: type[SyndicationFeed]) -> None:
        self.suffix, self.feed_type = suffix, feed_type

    def get_object(self, request: HttpRequest, **kwargs: str) -> Any:
        return None

    def title(self, source: Any) -> str:
        return _xml(f"{source} · {settings.SITE_NAME}" if source else settings.SITE_NAME)

    def link(self, source: Any) -> str:
        return absolute(source.get_absolute_url() if source else reverse("home"))

    def feed_url(self, source: Any) -> str:
        at = f"{source.get_absolute_url()}feed/" if source else reverse("feed")
        return absolute(f"{at}{self.suffix}")

    def description(self, source: Any) -> str:
        return f"The newest posts of {self.title(source)}"

    def items(self, source: Any) -> list[Post]:
        posts = Post.objects.published().with_author_name().with_tags().with_cache_tags()
        return self.of_source(posts, source).newest()

    def of_source(self, posts: PostQuerySet, source: Any) -> PublicList:
        return PublicList(SITE, posts, ITEMS)

    def item_title(self, item: Post) -> str:
        return _xml(item.title)

    def item_description(self, item: Post) -> str:
        text = with_absolute_addresses(item.body_html, self.item_link(item))
        return _xml(text or item.summary)

    def item_link(self, item: Post) -> str:
        return absolute(item.get_absolute_url())

    def item_guid(self, item: Post) -> str:
        """A tag URI (RFC 4151): the same in every feed, whatever address the post moves to."""
        day = item.created_at.astimezone(UTC).date()
        return f"tag:{settings.SITE_HOST},{day}:post-{item.pk}"

    def item_author_name(self, item: Post) -> str:
        return _xml(item.author.public_name) or item.author.username

    def item_author_link(self, item: Post) -> str:
        return absolute(item.author.get_absolute_url())

    def item_pubdate(self, item: Post) -> datetime | None:
        return item.published_at

    def item_updateddate(self, item: Post) -> datetime:
        return item.updated_at

    def item_categories(self, item: Post) -> list[str]:
        return [name for tag in item.tags.all() if (name := _xml(tag.name))]

    def item_enclosures(self, item: Post) -> list[Enclosure]:
        """The image of the post; none if its file is gone, which must not take the feed along."""
        if not item.image:
            return []
        try:
            size = item.image.size
        except (OSError, ValueError):
            return []
        kind = guess_type(str(item.image.name), strict=False)[0] or "application/octet-stream"
        return [Enclosure(absolute(item.image.url), str(size), kind)]

    def item_extra_kwargs(self, item: Post) -> dict[str, str]:
        return {"summary": _xml(item.summary)}


class _TagFeed(_SiteFeed):
    def get_object(self, request: HttpRequest, **kwargs: str) -> Tag:
        return get_object_or_404(Tag.objects.public().with_cache_tags(), slug=kwargs["slug"])

    def of_source(self, posts: PostQuerySet, source: Any) -> PublicList:
        return PublicList(of_tag(source.pk), posts, ITEMS)


class _AuthorFeed(_SiteFeed):
    def get_object(self, request: HttpRequest, **kwargs: str) -> Any:
        authors = Post.objects.published().authors()
        named = authors.defer(*(f"profile__{column}" for column in BEYOND_NAME))
        with declared_reads():
            author = get_object_or_404(named, username=kwargs["username"])
        depends_on(cache_tags.name(author.pk), cache_tags.author(author.pk))
        return author

    def title(self, source: Any) -> str:
        return super().title(source.public_name)

    def of_source(self, posts: PostQuerySet, source: Any) -> PublicList:
        return PublicList(of_author(source.pk), posts.filter(author=source), ITEMS)


class FeedView(CachedPage):
    """A feed kept like any other public page."""

    feed: Feed = Feed()  # each route gives its own

    def get(self, request: HttpRequest, **kwargs: str) -> HttpResponse:
        return self.feed(request, **kwargs)


def _routes() -> Iterator[URLPattern]:
    sources = (
        ("feed/", "feed", _SiteFeed),
        ("tags/<str:slug>/feed/", "tag-feed", _TagFeed),
        ("authors/<str:username>/feed/", "author-feed", _AuthorFeed),
    )
    for route, name, source in sources:
        for suffix, ending, feed_type in FORMATS:
            view = FeedView.as_view(feed=source(suffix, feed_type))
            yield path(f"{route}{suffix}", view, name=f"{name}{ending}")


urlpatterns = list(_routes())
