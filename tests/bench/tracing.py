"""What tracing adds to the pages of readers: nothing, counted in queries."""

from collections.abc import Iterator

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

import pagecache
from blog.listing import entries
from blog.models import Post
from tests.bench.measuring import Row, option
from tests.bench.site import TAGS, author, visitor, written


def queries(path: str, *, traced: bool) -> int:
    """Of the first reader, whose page is built, and of the second one, whose is kept."""
    pagecache.clear()
    with option(TRACE=traced), CaptureQueriesContext(connection) as seen:
        for _ in range(2):
            assert visitor().get(path).status_code == 200
    return len(seen)


def pages() -> Iterator[Row]:
    public = {"status": Post.Status.PUBLISHED, "published_at": timezone.now()}
    (post, *_) = posts = written(20, author("rhea"), TAGS, **public)
    entries.list_posts(post.pk for post in posts)
    addresses = {"home": "/", "post": post.get_absolute_url(), "tag": "/tags/sun/"}
    for name, path in addresses.items():
        more = queries(path, traced=True) - queries(path, traced=False)
        yield Row(f"queries of the {name} page, traced - untraced", more, "≤ 0", "")
