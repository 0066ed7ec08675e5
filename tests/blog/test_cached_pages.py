"""What one visitor asks for is never shown to another who asked for something else."""

import pytest
from django.test import Client

import pagecache
from accounts.services import update_preferences
from blog.services import publish
from comments.services import approve_comment, submit_comment

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def many(write) -> None:
    for number in range(25):
        write(f"Post {number:02}", public=True)


@pytest.mark.parametrize(
    "page",
    ["last", " 2", "+2", "2 ", "0_2", "00000000000002", "٢", "2&page=1", "1&page=2", "²", "2.0"],
)
@pytest.mark.parametrize("path", ["/", "/authors/ada/"])
@pytest.mark.expects_errors
def test_no_page_number_lands_on_the_first_page(many, path, page) -> None:
    first = Client().get(path)
    pagecache.clear()
    Client().get(f"{path}?page={page}".replace(" ", "%20").replace("+", "%2B"))
    assert Client().get(path).content == first.content


@pytest.mark.parametrize(
    "query",
    ["reply=1", "q=x", "status=draft", "next=/evil", "format=json", "utm_source=x", "page=", "%00"],
)
def test_no_parameter_changes_what_is_kept(write, rita, query) -> None:
    post = write(public=True)
    comment = submit_comment(post, author=rita, body="Bright")
    approve_comment(comment, by=None)
    query = query.replace("reply=1", f"reply={comment.pk}")
    for path in ("/", post.get_absolute_url(), "/tags/", "/archive/", "/feed/"):
        pagecache.clear()
        plain = Client().get(path).content
        pagecache.clear()
        Client().get(f"{path}?{query}")
        assert Client().get(path).content == plain


def test_no_visitor_shapes_what_others_see(write, rita) -> None:
    """Neither headers nor cookies, nor a method without a body."""
    post = write(public=True)
    for path in ("/", post.get_absolute_url(), "/feed/", "/sitemap.xml"):
        pagecache.clear()
        plain = Client().get(path)
        for act in (
            lambda path=path: Client().head(path),
            lambda path=path: Client(HTTP_HOST="localhost").get(path),
            lambda path=path: Client(HTTP_X_FORWARDED_HOST="evil.example").get(path),
            lambda path=path: Client(HTTP_ACCEPT_LANGUAGE="de").get(path),
            lambda path=path: Client(HTTP_ACCEPT="application/json").get(path),
            lambda path=path: Client(HTTP_X_FORWARDED_PROTO="https").get(path),
            lambda path=path: signed_in(rita).get(path),
        ):
            pagecache.clear()
            act()
            again = Client().get(path)
            assert again.content == plain.content
            assert "evil.example" not in again.content.decode()
            assert not again.cookies
            assert again.headers["Content-Type"] == plain.headers["Content-Type"]


def signed_in(user) -> Client:
    update_preferences(user, time_zone="Pacific/Kiritimati", theme="dark")
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.expects_errors
def test_what_is_missing_is_not_kept(write, ada) -> None:
    post = write("On mirrors")
    assert Client().get("/posts/on-mirrors/").status_code == 404
    publish(post, by=ada)
    assert Client().get("/posts/on-mirrors/").status_code == 200
