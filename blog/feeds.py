"""RSS 2.0 of the site, of a tag, of an author."""

import re
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.syndication.views import Feed
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.feedgenerator import Rss201rev2Feed

from blog.models import Post, Tag
from blog.pages import PublicPage, absolute
from blog.rendering import with_absolute_addresses

ITEMS = 20

# Everything but the Char production of XML 1.0: one such sign would make the whole feed invalid.
_NO_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _xml(text: str) -> str:
    return _NO_XML.sub("", text)


class _Rss(Rss201rev2Feed):
    """RSS 2.0 that changes only when an item does.

    Django dates a feed without items "now": its bytes would differ every second, and no cache
    or reader could tell that nothing has happened.
    """

    def latest_post_date(self) -> datetime:
        return super().latest_post_date() if self.items else datetime.fromtimestamp(0, UTC)


class _SiteFeed(Feed):
    """The newest posts with their full text; every address from SITE_URL, never from Host."""

    feed_type = _Rss

    def get_object(self, request: HttpRequest, **kwargs: str) -> Any:
        return None

    def title(self, source: Any) -> str:
        return _xml(f"{source} · {settings.SITE_NAME}" if source else settings.SITE_NAME)

    def link(self, source: Any) -> str:
        return absolute(source.get_absolute_url() if source else reverse("home"))

    def feed_url(self, source: Any) -> str:
        return absolute(f"{source.get_absolute_url()}feed/" if source else reverse("feed"))

    def description(self, source: Any) -> str:
        return f"The newest posts of {self.title(source)}"

    def items(self, source: Any) -> list[Post]:
        posts = Post.objects.published().select_related("author__profile")
        return list(self.of_source(posts, source).prefetch_related("tags")[:ITEMS])

    def of_source(self, posts: Any, source: Any) -> Any:
        return posts

    def item_title(self, item: Post) -> str:
        return _xml(item.title)

    def item_description(self, item: Post) -> str:
        text = with_absolute_addresses(item.body_html, self.item_link(item))
        return _xml(text or item.summary)

    def item_link(self, item: Post) -> str:
        return absolute(item.get_absolute_url())

    def item_author_name(self, item: Post) -> str:
        return _xml(item.author.public_name)

    def item_pubdate(self, item: Post) -> datetime | None:
        return item.published_at

    def item_updateddate(self, item: Post) -> datetime:
        return item.updated_at

    def item_categories(self, item: Post) -> list[str]:
        return [_xml(tag.name) for tag in item.tags.all()]


class _TagFeed(_SiteFeed):
    def get_object(self, request: HttpRequest, **kwargs: str) -> Tag:
        return get_object_or_404(Tag, slug=kwargs["slug"])

    def of_source(self, posts: Any, source: Any) -> Any:
        return posts.filter(tags=source)


class _AuthorFeed(_SiteFeed):
    def get_object(self, request: HttpRequest, **kwargs: str) -> Any:
        authors = get_user_model().objects.filter(profile__post_count__gt=0)
        return get_object_or_404(authors, username=kwargs["username"])

    def title(self, source: Any) -> str:
        return super().title(source.public_name)

    def of_source(self, posts: Any, source: Any) -> Any:
        return posts.filter(author=source)


class FeedView(PublicPage):
    """A feed kept like any other public page."""

    feed: Feed

    def get(self, request: HttpRequest, **kwargs: str) -> HttpResponse:
        return self.feed(request, **kwargs)


class SiteFeed(FeedView):
    feed = _SiteFeed()


class TagFeed(FeedView):
    feed = _TagFeed()


class AuthorFeed(FeedView):
    feed = _AuthorFeed()
