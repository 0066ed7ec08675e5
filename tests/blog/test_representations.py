"""Pages as they are sent: compressed, validated, and never a byte older than the change."""

import gzip
import re

import brotli
import pytest
from django.http import HttpResponse
from django.test import Client

import pagecache
from blog.services import edit_post, unpublish
from comments.services import approve_comment, submit_comment
from pagecache.responses import Representation
from signalflow.testing import run_deliveries

pytestmark = pytest.mark.django_db(transaction=True)

PATHS = ["/", "/posts/on-mirrors/", "/tags/", "/tags/sun/", "/authors/ada/", "/archive/"]
MACHINES = ["/feed/", "/tags/sun/feed/", "/authors/ada/feed/", "/sitemap.xml"]
ALL = [*PATHS, *MACHINES]


@pytest.fixture
def mirrors(write):
    post = write("On mirrors", tags=["sun"], public=True, body="Light. " * 200)
    run_deliveries()
    return post


def get(path: str, **headers: str):
    return Client().get(path, headers={name.replace("_", "-"): v for name, v in headers.items()})


@pytest.mark.parametrize("kept", [False, True])
def test_each_coding_says_the_same(mirrors, kept) -> None:
    for path in ALL:
        same_in_each_coding(path, kept)


def same_in_each_coding(path: str, kept: bool) -> None:
    plain = get(path)
    answers = {}
    for coding, unpack in (("br", brotli.decompress), ("gzip", gzip.decompress)):
        if not kept:
            pagecache.clear()
        answer = answers[coding] = get(path, accept_encoding=coding)
        assert answer.headers["Content-Encoding"] == coding
        assert unpack(answer.content) == plain.content
        assert len(answer.content) < len(plain.content)
        assert answer.headers["Content-Length"] == str(len(answer.content))
    assert "Content-Encoding" not in plain.headers
    tags = {answer.headers["ETag"] for answer in (plain, *answers.values())}
    assert len(tags) == 3, "a strong validator names exact bytes"
    assert all(re.fullmatch(r'"[0-9a-f]{32}(-br|-gzip)?"', tag) for tag in tags)
    assert plain.headers["Vary"] == "Accept-Encoding, Cookie"
    assert plain.headers["Cache-Control"] == "public, no-cache"
    assert "Last-Modified" not in plain.headers


ACCEPTED = [
    ("", ""),
    ("identity", ""),
    ("gzip", "gzip"),
    ("gzip, deflate, br, zstd", "br"),
    ("GZIP;q=0.5, br;q=0.1", "br"),
    ("br;q=0, gzip;q=1.0", "gzip"),
    ("br; q=0.000 , gzip;q=0", ""),
    ("*", ""),
    ("br;q=nonsense", "br"),
    (";;,,=", ""),
]


def test_the_visitor_chooses_the_coding(mirrors) -> None:
    for accepted, given in ACCEPTED:
        answer = get("/", accept_encoding=accepted)
        assert answer.headers.get("Content-Encoding", "") == given, accepted


@pytest.mark.parametrize("coding", ["", "br", "gzip"])
def test_who_has_the_page_gets_no_body_until_it_changes(mirrors, write, ada, coding) -> None:
    tags = {path: get(path, accept_encoding=coding).headers["ETag"] for path in ALL}
    for path, tag in tags.items():
        for known in (tag, f'"other", {tag}', f"W/{tag}", "*"):
            again = get(path, accept_encoding=coding, if_none_match=known)
            assert (again.status_code, again.content) == (304, b""), (path, known)
            assert again.headers["ETag"] == tag
            assert again.headers["Vary"] == "Accept-Encoding, Cookie"
        assert get(path, accept_encoding=coding, if_none_match='"other"').status_code == 200
    edit_post(mirrors, by=ada, version=mirrors.version, title="On glass", tags=["sun", "new"])
    write("Another", tags=["sun"], public=True)
    run_deliveries()
    for path, tag in tags.items():
        changed = get(path, accept_encoding=coding, if_none_match=tag)
        assert changed.status_code == 200, path
        assert changed.headers["ETag"] != tag


def test_head_is_get_without_its_body(mirrors) -> None:
    names = ("ETag", "Content-Length", "Content-Type", "Content-Encoding", "Vary")
    for path in ALL:
        whole = get(path, accept_encoding="br")
        for _ in range(2):
            head = Client().head(path, headers={"accept-encoding": "br"})
            assert head.content == b""
            assert [head.headers[name] for name in names] == [whole.headers[name] for name in names]
            pagecache.clear()


def test_a_date_does_not_hide_a_withdrawal(mirrors, write, ada) -> None:
    """The newest post goes: the list has changed though its newest date is older now."""
    newest = write("On shade", tags=["sun"], public=True)
    run_deliveries()
    before = get("/feed/")
    unpublish(newest, by=ada)
    run_deliveries()
    after = get("/feed/", if_modified_since="Fri, 01 Jan 2999 00:00:00 GMT")
    assert after.status_code == 200
    assert after.content != before.content


def test_a_signed_in_page_is_for_no_shared_cache(mirrors, rita) -> None:
    member = Client()
    member.force_login(rita)
    tag = get("/").headers["ETag"]
    answer = member.get("/", headers={"if-none-match": tag, "accept-encoding": "br"})
    assert answer.status_code == 200
    assert b"rita" in answer.content
    assert "ETag" not in answer.headers
    assert "private" in answer.headers["Cache-Control"]
    assert "Cookie" in answer.headers["Vary"]


def test_a_comment_changes_the_validator_of_its_post_at_once(mirrors, rita, moss) -> None:
    comment = submit_comment(mirrors, author=rita, body="Yes.")
    tag = get("/posts/on-mirrors/").headers["ETag"]
    assert get("/posts/on-mirrors/", if_none_match=tag).status_code == 304
    approve_comment(comment, by=moss)
    assert get("/posts/on-mirrors/", if_none_match=tag).status_code == 200


@pytest.mark.expects_errors
def test_what_is_missing_has_no_validator(mirrors) -> None:
    answer = get("/posts/none/", accept_encoding="br")
    assert answer.status_code == 404
    assert "ETag" not in answer.headers


def test_small_answers_are_not_compressed() -> None:
    assert set(Representation.of(HttpResponse("small")).codings) == {""}
