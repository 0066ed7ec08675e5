"""What a CDN is told with each answer: everything with a kept page, nothing with any other."""

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.test import Client

from blog import cache_tags
from blog.services import edit_post
from listeners.cdn.headers import tags_header
from listeners.cdn.providers import PROVIDERS, TAGS_LENGTH
from pagecache import CachedPage, PageCacheWSGI, all_of, freshness, pages, with_kinds
from pagecache.tags import collapse_tags
from signalflow.testing import run_deliveries
from tests.listeners.cdn.edge import KINDS, Edge
from tests.pagecache.test_wsgi import PATHS, ask

pytestmark = pytest.mark.django_db(transaction=True)

EVERY_HEADER = {name for kind in KINDS.values() for name in (kind[0], kind[2])}


@pytest.fixture
def mirrors(write):
    post = write("On mirrors", tags=["sun"], public=True, body="Light. " * 100)
    write("A draft")
    run_deliveries()
    return post


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("path", PATHS)
def test_a_page_says_its_tags_however_it_is_answered(edge, mirrors, path, method) -> None:
    site = PageCacheWSGI(WSGIHandler())
    first = ask(site, path, method)
    known = {"HTTP_IF_NONE_MATCH": first[1]["ETag"]}
    quick, slow = ask(site, path, method, **known), ask(WSGIHandler(), path, method, **known)
    answers = [first, ask(site, path, method), quick, slow]
    assert [answer[0][:3] for answer in answers] == ["200", "200", "304", "304"]
    header, separator, age, *_ = KINDS[edge.kind]
    for _, headers, _ in answers:
        assert headers[age] == "max-age=86400"
        assert headers["Cache-Control"] == "public, no-cache"
        assert "site" in headers[header].split(separator)
        assert EVERY_HEADER & headers.keys() == {header, age}
    assert len({headers[header] for _, headers, _ in answers}) == 1


def test_the_tags_are_what_the_page_shows(edge, mirrors, ada) -> None:
    found = edge.tags_of(Client().get("/tags/sun/"))
    tag = mirrors.tags.get().pk
    assert {"site", f"tag:{tag}", f"label:{tag}", f"card:{mirrors.pk}", f"name:{ada.pk}"} <= found
    assert f"post:{mirrors.pk}" not in found, "its text is not shown there"


OTHERS = ["/search/?q=light", "/healthz/", "/accounts/login/", "/?page=02", "/?page=99", "/gone/"]


@pytest.mark.expects_errors
@pytest.mark.parametrize("path", OTHERS)
def test_what_is_not_kept_says_nothing(edge, mirrors, path) -> None:
    for _ in range(2):
        assert not EVERY_HEADER & set(Client().get(path).headers)


def test_what_somebody_in_particular_sees_says_nothing(edge, mirrors, rita) -> None:
    Client().get("/")
    client = Client()
    client.force_login(rita)
    answer = client.get("/")
    assert not EVERY_HEADER & set(answer.headers)
    assert "private" in answer.headers["Cache-Control"]
    waiting = Client().get("/", headers={"cookie": "messages=x"})
    assert not EVERY_HEADER & set(waiting.headers)


def test_without_a_cdn_nothing_is_said(mirrors, settings) -> None:
    site = PageCacheWSGI(WSGIHandler())
    for _ in range(2):
        assert not EVERY_HEADER & ask(site, "/")[1].keys()


def test_a_page_that_ended_while_it_was_built_is_not_to_be_kept(
    edge, mirrors, ada, monkeypatch
) -> None:
    """Its purge is over before the CDN has it: nothing would ever let it go."""
    build = CachedPage._build

    def slowly(self, *args, **kwargs):
        built = build(self, *args, **kwargs)
        edit_post(mirrors, by=ada, version=mirrors.version, title="On glass")
        return built

    site, path = PageCacheWSGI(WSGIHandler()), mirrors.get_absolute_url()
    with monkeypatch.context() as patch:
        patch.setattr(CachedPage, "_build", slowly)
        _, headers, body = ask(site, path)
    header, _, age, *_ = KINDS[edge.kind]
    assert b"On mirrors" in body
    assert headers[age] == "no-store, max-age=0"
    assert header not in headers
    _, headers, body = ask(site, path)
    assert b"On glass" in body
    assert headers[age] == "max-age=86400"
    assert f"post:{mirrors.pk}" in headers[header]


@pytest.mark.expects_errors
def test_while_the_clock_does_not_answer_the_cdn_keeps_nothing(edge, mirrors, monkeypatch) -> None:
    monkeypatch.setattr(freshness, "generations", None)
    assert not EVERY_HEADER & set(Client().get("/").headers)


def test_the_compare_without_a_cdn_is_not_made(mirrors, monkeypatch) -> None:
    asked = []
    monkeypatch.setattr(pages, "is_unchanged", lambda of, *_: asked.append(of))
    Client().get("/")
    assert not [of for of in asked if cache_tags.POSTS in of], (
        "the page is not compared with itself"
    )


@pytest.mark.parametrize("kind", KINDS)
def test_too_many_tags_become_few(kind) -> None:
    many = {
        f"{name}:{n}" for name in ("link", "card", "name", "picture") for n in range(5000, 5064)
    }
    many |= {cache_tags.POSTS, all_of("tag"), "comments:7"}
    header = tags_header(PROVIDERS[kind], collapse_tags(many))
    assert len(header) <= TAGS_LENGTH
    found = set(header.split(KINDS[kind][1]))
    assert {"site", "posts", "tag:all", "comments:7", "picture:all"} <= found
    for topic in many - {all_of("tag")}:
        ended = {tag.replace("*", "all") for tag in with_kinds([topic])}
        assert ended & found, f"no purge of {topic} would reach the page"


def test_few_tags_are_told_one_by_one() -> None:
    header = tags_header(PROVIDERS["fastly"], frozenset({"post:1", "card:2", "tag:*"}))
    assert header == "card:2 post:1 site tag:all"


def test_the_address_is_read_as_the_settings_read_it(monkeypatch, peer) -> None:
    from config import backends

    edge = Edge("fastly", peer)
    monkeypatch.setenv("CDN_URL", edge.url)
    assert backends.cdn("CDN_URL") == edge.setting
