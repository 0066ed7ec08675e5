"""What is hidden shows nowhere, and every address answers as if it had never been."""

import re
from datetime import timedelta
from typing import Any
from urllib.parse import urldefrag, urljoin

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from blog.models import Post, Tag
from blog.services import edit_post, schedule, unpublish
from comments.models import Comment
from comments.services import approve_comment, reject_comment, submit_comment
from signalflow.testing import run_deliveries
from tests.cast import person
from tests.test_permissions import routes

pytestmark = pytest.mark.django_db(transaction=True)

MARKER = "hushhush"
FEEDS = ("", "feed/", "feed/atom/", "feed/json/")

# Where a slug, a name or an id of each kind is taken, "{}" for it; routes as URL patterns spell
# them, so that none is forgotten.
POSTS = {
    "posts/<str:slug>/": ["/posts/{}/", "/posts/{}/?comments=1", "/subscribe/?post={}"],
    "posts/<str:slug>.md": ["/posts/{}.md"],
    "posts/<str:slug>/comments/": ["/posts/{}/comments/"],
}
TAGS = {f"tags/<str:slug>/{feed}": [f"/tags/{{}}/{feed}"] for feed in FEEDS} | {
    "tags/<str:slug>/": [
        *(f"/tags/{{}}/{query}" for query in ("", "?page=last", "?page=2", "?before={post}")),
        "/subscribe/?tag={}",
        "/search/?tag={}",
        "/search/?q=lamp&tag={}",
    ]
}
AUTHORS = {f"authors/<str:username>/{feed}": [f"/authors/{{}}/{feed}"] for feed in FEEDS} | {
    "authors/<str:username>/": [
        *(f"/authors/{{}}/{query}" for query in ("", "?page=last", "?page=2", "?before={post}")),
        "/subscribe/?author={}",
        "/search/?author={}",
        "/search/?q=lamp&author={}",
    ]
}
COMMENTS = {
    "comments/<int:pk>/": [
        "/comments/{}/",
        "/posts/on-mirrors/?comments={}",
        "/posts/on-mirrors/?comments={first}-{}",
        "/posts/on-mirrors/?reply={}",
    ]
}
POST_IDS = {
    "archive/<int:year>/": ["/archive/{year}/?before={}"],
    "archive/<int:year>/<int:month>/": ["/archive/{year}/{month}/?before={}"],
    "": ["/?before={}", "/tags/lamps/?before={}", "/authors/ada/?before={}"],
}
# Of these nobody else can know or guess a value.
SECRET = {"subscribe/confirm/<str:token>/", "unsubscribe/<str:token>/", "media/<path:name>"}
NAMED = {"sitemap-<str:section>.xml"}  # by us, not by what people write


@pytest.fixture
def site(write, ada, rita) -> dict[str, Any]:
    """A public post, and beside it everything that readers must not learn of."""
    shown = write("On mirrors", tags=["lamps"], public=True, body="A lamp.")
    write("On lamps", tags=["lamps"], public=True, body="A lamp.")
    mute = person(f"{MARKER}-author", "Author", first_name=MARKER)
    hidden = {
        name: write(f"{MARKER} {name}", author=mute, tags=[f"{MARKER} {name}"], body="A lamp.")
        for name in ("draft", "planned", "private")
    }
    schedule(hidden["planned"], by=mute, at=timezone.now() + timedelta(days=400))
    Post._base_manager.filter(pk=hidden["private"].pk).update(status="private")
    gone = write(f"{MARKER} old", tags=[f"{MARKER} gone"], public=True, body="A lamp.")
    Tag.objects.create(name=f"{MARKER} unused", slug=f"{MARKER}-unused")
    made = [submit_comment(shown, author=rita, body=f"{MARKER} {n}") for n in range(6)]
    approve_comment(made[0], by=None)
    Comment._base_manager.filter(pk=made[0].pk).update(body="Bright", body_html="<p>Bright</p>")
    # Between comments that are shown, like all hidden ones: where those lead is the same.
    buried = submit_comment(gone, author=rita, body=f"{MARKER} below")
    approve_comment(buried, by=None)
    edit_post(gone, by=ada, version=gone.version, slug=f"{MARKER}-new")
    unpublish(gone, by=ada)
    for row, verdict in ((made[2], "spam"), (made[3], "trash")):
        reject_comment(row, by=None, verdict=verdict)
    last = submit_comment(shown, author=rita, body="Bright too")
    approve_comment(last, by=None)
    never = made[5].pk
    made[5].delete()
    run_deliveries()
    slugs = [*Post.objects.exclude(status="published").values_list("slug", flat=True)]
    local = timezone.localtime()
    return {
        "posts": [*slugs, f"{MARKER}-old"],
        "tags": [*Tag.objects.filter(slug__startswith=MARKER).values_list("slug", flat=True)],
        "authors": [mute.username, rita.username],
        "comments": [made[1].pk, made[2].pk, made[3].pk, made[4].pk, buried.pk],
        "post_ids": [post.pk for post in (*hidden.values(), gone)],
        "never": never,
        "words": {
            "post": shown.pk,
            "first": made[0].pk,
            "year": local.year,
            "month": local.month,
        },
    }


def filled(template: str, value: object, words: dict[str, Any]) -> str:
    for name, word in words.items():
        template = template.replace(f"{{{name}}}", str(word))
    return template.replace("{}", str(value))


PASSING = {"Content-Length", "ETag", "Expires"}  # headers that differ by length or moment

# What comes before a number that stands for what was asked for, and not for a date, say.
ASKED = r"\b(?:reply=|before=|comments=|comments=\d+-|(?:posts|comments|webhooks|calls|retry)/)"


def without(text: str, value: object) -> str:
    """A text as it would be for any other value."""
    text = text.replace("%2F", "/").replace("%3F", "?").replace("%3D", "=").replace("%3A", ":")
    if isinstance(value, str):
        return text.replace(value, "X")
    return re.sub(rf"({ASKED}|blog\.post:){value}\b", r"\1X", text)


def answer_to(client: Client, method: str, address: str, value: object) -> tuple[Any, ...]:
    """Status, headers and body, with the value that was asked for taken out."""
    answer = getattr(client, method)(address)
    text = re.sub(r'value="[\w-]{36,64}"', "", answer.content.decode())  # another each time
    names = (name for name in answer.headers if name not in PASSING)
    headers = {name: without(answer.headers[name], value) for name in names}
    return answer.status_code, headers, without(text, value)


@pytest.mark.parametrize("reader", ["anonymous", "stranger"])
def test_hidden_and_none_answer_the_same(site, reader) -> None:
    client = Client()
    if reader == "stranger":
        client.force_login(person("stranger"))
    for kind, table, never in (
        ("posts", POSTS, "never-was"),
        ("tags", TAGS, "never-was"),
        ("authors", AUTHORS, "never-was"),
        ("comments", COMMENTS, site["never"]),
        ("post_ids", POST_IDS, 10**6),
    ):
        for template in (one for templates in table.values() for one in templates):
            asked = filled(template, never, site["words"])
            for method in ("get", "head", "post"):
                expected = answer_to(client, method, asked, never)
                for value in site[kind]:
                    address = filled(template, value, site["words"])
                    given = answer_to(client, method, address, value)
                    assert given == expected, (method, address)


def test_the_studio_tells_strangers_nothing(site) -> None:
    """Not what a click that has to wait for a password would have been about, either."""
    for route in routes():
        if not route.startswith("studio/") or "<" not in route:
            continue
        for kind in ("comments", "post_ids"):
            for value in site[kind]:
                pair = []
                for pk in (value, site["never"]):
                    path = "/" + re.sub(r"<int:\w+>", str(pk), route)
                    path = re.sub(r"<str:act>", "publish", path)
                    path = re.sub(r"<str:\w+>", f"blog.post:{pk}", path)
                    pair.append([answer_to(Client(), how, path, pk) for how in ("get", "post")])
                assert pair[0] == pair[1], (route, value)


def test_no_route_is_forgotten() -> None:
    taken = {*POSTS, *TAGS, *AUTHORS, *COMMENTS, *POST_IDS} - {""}
    public = {
        route
        for route in routes()
        if "<" in route and not route.startswith(("admin/", "accounts/", "studio/"))
    }
    assert public - SECRET - NAMED == taken


def test_readers_find_no_trace_of_it(site) -> None:
    """Whatever links lead to, in every format, and what a search may find."""
    waiting = ["/", "/sitemap.xml", "/robots.txt", "/search/?q=lamp", "/search/?q=hush*"]
    waiting += [
        "/sitemap-posts.xml",
        "/sitemap-tags.xml",
        "/posts/on-mirrors.md",
        "/healthz/ready/",
    ]
    seen, client = set(waiting), Client()
    while waiting:
        address = waiting.pop()
        answer = client.get(address)
        told = answer.content.decode(errors="replace") + str(answer.headers)
        assert MARKER not in told.lower(), address
        if "text/" in answer.headers["Content-Type"] or "xml" in answer.headers["Content-Type"]:
            links = re.findall(r'(?:href="|Location: |<loc>|<link>|next=)([^"<\s]+)', told)
            links += [answer.headers.get("Location", "")]
            for link in links:
                found = urldefrag(urljoin(address, link.replace("&amp;", "&")))[0]
                found = found.removeprefix(settings.SITE_URL)
                if found.startswith("/") and not found.startswith("/static/") and found not in seen:
                    seen.add(found)
                    waiting.append(found)
    assert {"/tags/lamps/", "/authors/ada/feed/json/", "/archive/", "/subscribe/"} <= seen
    assert len(seen) > 40
