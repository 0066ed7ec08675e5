"""A post that moves takes its readers along: every old address leads to the newest."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client

from blog.models import OldSlug, Post
from blog.services import (
    Refused,
    create_post,
    delete_post,
    edit_post,
    import_post,
    unpublish,
    writing,
)
from blog.signals import post_edited
from comments.models import Comment
from listeners.audit.models import AuditEntry
from listeners.notifications.models import Subscription
from signalflow.testing import captured, run_deliveries

pytestmark = pytest.mark.django_db(transaction=True)


def move(post: Post, slug: str, by: object = None) -> list[str]:
    post = Post.objects.get(pk=post.pk)
    return edit_post(post, by=by, version=post.version, slug=slug)


def leads_to(path: str, client: Client | None = None) -> str | int:
    answer = (client or Client()).get(path)
    if answer.status_code != 301:
        return answer.status_code
    # A browser must ask each time: a post may move back.
    signed_in = client is not None and "sessionid" in client.cookies
    assert answer.headers["Cache-Control"] == ("private, no-store" if signed_in else "no-cache")
    return answer.headers["Location"]


@pytest.fixture
def mirrors(write) -> Post:
    post = write("On mirrors", tags=["sun"], public=True)
    run_deliveries()
    return post


@pytest.mark.expects_errors
def test_old_addresses_lead_straight_to_the_newest(mirrors, rita) -> None:
    assert move(mirrors, "On Looking Glasses") == ["slug"]
    move(mirrors, "glass")
    member = Client()
    member.force_login(rita)
    for client in (Client(), member):
        assert leads_to("/posts/on-mirrors/", client) == "/posts/glass/"
        assert leads_to("/posts/on-looking-glasses/", client) == "/posts/glass/"
        assert leads_to("/posts/on-mirrors.md", client) == "/posts/glass.md"
        assert leads_to("/posts/glass/", client) == 200
        assert leads_to("/posts/nothing/", client) == 404
    assert Client().post("/posts/on-mirrors/").status_code == 405


@pytest.mark.expects_errors
def test_an_address_that_is_taken_back_is_no_old_one(mirrors) -> None:
    move(mirrors, "glass")
    assert leads_to("/posts/on-mirrors/") == "/posts/glass/"
    move(mirrors, "on-mirrors")
    assert leads_to("/posts/on-mirrors/") == 200
    assert leads_to("/posts/glass/") == "/posts/on-mirrors/"
    assert list(OldSlug.objects.values_list("slug", flat=True)) == ["glass"]


@pytest.mark.expects_errors
def test_an_old_address_of_what_is_hidden_says_nothing(mirrors, write, ada) -> None:
    move(mirrors, "glass")
    unpublish(mirrors, by=ada)
    author = Client()
    author.force_login(ada)
    assert leads_to("/posts/on-mirrors/") == leads_to("/posts/on-mirrors/", author) == 404
    draft = write("A draft")
    move(draft, "a-plan")
    assert leads_to("/posts/a-draft/") == 404
    assert not draft.old_slugs.exists(), "nobody could read it there"


def test_an_old_address_is_never_given_to_another_post(mirrors, write, ada) -> None:
    move(mirrors, "glass")
    assert write("On mirrors").slug == "on-mirrors-2"
    assert create_post(ada, title="x", slug="on-mirrors").slug == "on-mirrors-3"
    imported = import_post(ada, title="x", slug="on-mirrors", status="draft", source="x:1")
    assert imported.slug == "on-mirrors-4"
    other = write("On light", public=True)
    for taken in ("on-mirrors", "glass", "On Mirrors"):
        with pytest.raises(Refused, match="has this address, or had it once"):
            move(other, taken)
    assert Post.objects.get(pk=other.pk).slug == "on-light"
    assert leads_to("/posts/on-mirrors/") == "/posts/glass/"


def test_a_deleted_post_frees_its_addresses(mirrors, write) -> None:
    move(mirrors, "glass")
    delete_post(mirrors, by=None)
    assert not OldSlug.objects.exists()
    assert write("On mirrors", public=True).slug == "on-mirrors"
    assert leads_to("/posts/on-mirrors/") == 200


def test_every_surface_has_the_new_address_at_once(mirrors) -> None:
    surfaces = ["/", "/tags/sun/", "/authors/ada/", "/feed/", "/feed/atom/", "/feed/json/"]
    surfaces += ["/sitemap.xml", "/archive/", "/search/?q=mirrors"]
    for path in surfaces:
        assert b"/posts/on-mirrors/" in Client().get(path).content or path == "/archive/"
    Client().get("/posts/on-mirrors/")
    move(mirrors, "glass")
    for path in surfaces:
        page = Client().get(path).content
        assert b"/posts/on-mirrors/" not in page
        assert b"/posts/glass/" in page or path == "/archive/"
    assert leads_to("/posts/on-mirrors/") == "/posts/glass/"


def test_a_move_is_announced_and_recorded(mirrors, ada, bruno) -> None:
    with captured(post_edited) as sent:
        move(mirrors, "glass", by=ada)
        assert move(mirrors, "glass", by=ada) == []
        assert move(mirrors, " ", by=ada) == [], "an empty one asks for nothing"
    assert [emission.arguments["changed_fields"] for emission in sent] == [["slug"]]
    entry = AuditEntry.objects.filter(verb="edited").latest("pk")
    assert entry.details["fields"] == ["slug"]
    with pytest.raises(PermissionDenied):
        move(mirrors, "stolen", by=bruno)
    with pytest.raises(ValidationError):
        move(mirrors, "x" * 300, by=ada)
    assert Post.objects.get().slug == "glass"


def test_the_second_of_two_who_want_an_address_is_refused(mirrors, write, monkeypatch) -> None:
    """Both looked before either wrote; the database knows who was first."""
    light = write("On light", public=True)
    monkeypatch.setattr(writing, "change_slug", lambda row, slug: None)
    move(light, "glass")
    with pytest.raises(Refused, match="has this address, or had it once"):
        move(mirrors, "glass")
    assert Post.objects.get(pk=mirrors.pk).slug == "on-mirrors"


def test_a_comment_written_meanwhile_arrives(mirrors, rita) -> None:
    member = Client()
    member.force_login(rita)
    move(mirrors, "glass")
    answer = member.post("/posts/on-mirrors/comments/", {"body": "Yes."})
    assert answer.headers["Location"].startswith("/posts/glass/#comment-")
    assert Comment.objects.get().post == mirrors


# -- the form -------------------------------------------------------------------------------------


def test_a_page_opened_before_still_leads_to_the_conversation_by_mail(mirrors) -> None:
    move(mirrors, "on-lanterns")
    address = "/subscribe/?post=on-mirrors"
    assert "conversation under" in Client().get(address).content.decode()
    assert Client().post(address, {"email": "s@example.org"}).status_code == 200
    assert Subscription.objects.get().target == f"thread:{mirrors.pk}"


def typed(post: Post, **changes: str) -> dict[str, str]:
    return {"title": post.title, "body": "Text.", "version": str(post.version), **changes}


def test_the_studio_moves_a_post(client, mirrors, ada, write) -> None:
    write("On light")
    client.force_login(ada)
    path = f"/studio/posts/{mirrors.pk}/edit/"
    mirrors.refresh_from_db()
    assert 'value="on-mirrors"' in client.get(path).content.decode()
    assert client.post(path, typed(mirrors, address=" Ünder Glass! ")).status_code == 302
    mirrors.refresh_from_db()
    assert mirrors.slug == "ünder-glass"
    assert leads_to("/posts/on-mirrors/") == "/posts/%C3%BCnder-glass/"
    assert client.post(path, typed(mirrors)).status_code == 302, "left empty, it stays"
    mirrors.refresh_from_db()
    refused = client.post(path, typed(mirrors, address="on-light"))
    assert refused.status_code == 409
    assert "Another post has this address" in refused.content.decode()
    assert client.post(path, typed(mirrors, address="!?")).status_code == 200
    assert Post.objects.get(pk=mirrors.pk).slug == "ünder-glass"


def test_a_new_post_may_choose_its_address(client, ada) -> None:
    client.force_login(ada)
    client.post("/studio/posts/new/", {"title": "On mirrors", "body": "x", "address": "Glass"})
    assert Post.objects.get().slug == "glass"
