"""Asked inside a library, as JSON: how many queries its pages cost, a session, weights.

`python -m tests.bench.asking /` prints {"session": …, "queries": {…}, "html": {…}, "middle": …}.
"""

import json
import os
import re
import sys

if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()

import brotli
from django.contrib.staticfiles.storage import staticfiles_storage
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from blog.models import Post
from pagecache.pages import pages

_TEXT = re.compile(
    rb'<div class="post-text prose".*?</div>\s*</div>|<ol class="cards">.*?</ol>', re.S
)
_STATIC = re.compile(rb'(?:href|src)="/static/([^"]+\.(?:css|js))"')


def reader() -> Client:
    user, _ = User.objects.get_or_create(username="reader", email="reader@example.org")
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(user)
    return client


def queries(client: Client, path: str) -> int:
    """Queries of a page that this process does not keep, nor looks around in for the first time."""
    client.get(path)
    pages.clear()
    with CaptureQueriesContext(connection) as seen:
        assert client.get(path).status_code == 200, path
    return len(seen)


def weights(path: str) -> dict[str, int]:
    """Bytes in brotli of a page's HTML without its text, and of its style sheets and scripts."""
    page = Client(SERVER_NAME="127.0.0.1").get(path, headers={"accept-encoding": "identity"})
    parts = set(_STATIC.findall(page.content))
    bodies = [staticfiles_storage.open(part.decode()).read() for part in sorted(parts)]
    return {
        "html": len(brotli.compress(_TEXT.sub(b"", page.content))),
        "assets": sum(len(brotli.compress(body)) for body in bodies),
    }


def answer(paths: list[str]) -> dict[str, object]:
    signed_in = reader()
    public = Post.objects.published()
    return {
        "session": signed_in.cookies["sessionid"].value,
        "queries": {path: queries(Client(SERVER_NAME="127.0.0.1"), path) for path in paths},
        "signed in": queries(signed_in, "/posts/post-10/"),
        "weights": {path: weights(path) for path in ("/", "/posts/post-10/")},
        "middle": public[public.count() // 2].pk,
        "talk": {
            post.slug: post.comments.order_by("-path").values_list("pk", flat=True)[
                1_000 % post.comment_count
            ]
            for post in public.filter(comment_count__gte=100)
        },
    }


if __name__ == "__main__":
    print(json.dumps(answer(sys.argv[1:])))
