"""The three forms of a feed: RSS 2.0, Atom (RFC 4287), JSON Feed 1.1.

All of them change only when an item does.  Django dates a feed without items "now": its bytes
would differ every second, and no cache or reader could tell that nothing has happened.
"""

from datetime import UTC, datetime
from typing import Any

from django.utils.feedgenerator import Atom1Feed, Rss201rev2Feed

from blog.public.json_feed import JsonFeed


def _latest(moment: datetime, items: list[dict[str, Any]]) -> datetime:
    return moment if items else datetime.fromtimestamp(0, UTC)


class RssFeed(Rss201rev2Feed):
    def latest_post_date(self) -> datetime:
        return _latest(super().latest_post_date(), self.items)


class AtomFeed(Atom1Feed):
    """Atom with the full text as `content`, where Django has it as the summary."""

    def latest_post_date(self) -> datetime:
        return _latest(super().latest_post_date(), self.items)

    def add_item_elements(self, handler: Any, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, {**item, "description": None})
        if item["summary"]:
            handler.addQuickElement("summary", item["summary"])
        handler.addQuickElement("content", item["description"], {"type": "html"})


# What stands behind ".../feed/" in the address, the end of the route's name, and the form.
FORMATS = (
    ("", "", RssFeed),
    ("atom/", "-atom", AtomFeed),
    ("json/", "-json", JsonFeed),
)
