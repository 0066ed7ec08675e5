"""JSON Feed 1.1 (jsonfeed.org/version/1.1) as one of Django's feed generators."""

import json
from typing import Any, TextIO

from django.utils.feedgenerator import SyndicationFeed, rfc3339_date


class JsonFeed(SyndicationFeed):
    """What RSS and Atom say, in JSON; the enclosed image is the item's `image`."""

    content_type = "application/feed+json; charset=utf-8"

    def write(self, outfile: TextIO, encoding: str) -> None:
        feed = {
            "version": "https://jsonfeed.org/version/1.1",
            "title": self.feed["title"],
            "home_page_url": self.feed["link"],
            "feed_url": self.feed["feed_url"],
            "description": self.feed["description"],
            "language": self.feed["language"],
            "items": [_item(item) for item in self.items],
        }
        outfile.write(json.dumps(feed, ensure_ascii=False))


def _item(item: dict[str, Any]) -> dict[str, Any]:
    values = {
        "id": item["unique_id"],
        "url": item["link"],
        "title": item["title"],
        "content_html": item["description"],
        "summary": item["summary"],
        "image": next((enclosure.url for enclosure in item["enclosures"]), None),
        "date_published": item["pubdate"] and rfc3339_date(item["pubdate"]),
        "date_modified": item["updateddate"] and rfc3339_date(item["updateddate"]),
        "authors": [{"name": item["author_name"], "url": item["author_link"]}],
        "tags": list(item["categories"]),
    }
    # The text is required, however empty; anything else is left out rather than null.
    return {name: value for name, value in values.items() if value or name == "content_html"}
