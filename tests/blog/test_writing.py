"""Writing in the studio: nothing typed is lost, and nothing is set that the form does not show."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client

from blog.models import BODY_LENGTH, Post, Revision, Tag
from blog.services import StaleVersion, create_post, edit_post, import_post, publish
from blog.signals import post_created, post_edited
from listeners.audit.models import AuditEntry
from signalflow.models import Delivery
from signalflow.testing import captured
from tests.cast import person
from tests.photos import photo

pytestmark = pytest.mark.django_db(transaction=True)

NEW = "/studio/posts/new/"


@pytest.fixture
def studio(client, ada) -> Client:
    client.force_login(ada)
    return client


def edit_path(post: Post) -> str:
    return f"/studio/posts/{post.pk}/edit/"


def form(**changes: object) -> dict[str, object]:
    return {"title": "On mirrors", "body": "Light.", "comments_open": "on", **changes}


def errors(answer) -> dict[str, list[str]]:
    return {name: list(texts) for name, texts in answer.context["form"].errors.items()}


def test_a_new_post_is_a_draft_with_its_first_revision(studio, ada) -> None:
    with captured(post_created) as sent:
        answer = studio.post(NEW, form(tags="sun, Sun , moon", new_tags="on", summary="Short."))
    post = Post.objects.get()
    assert answer.status_code == 302
    assert answer.headers["Location"] == edit_path(post)
    assert (post.status, post.author, post.slug, post.version) == ("draft", ada, "on-mirrors", 1)
    assert sorted(post.tags.values_list("name", flat=True)) == ["moon", "sun"]
    revision = Revision.objects.get()
    assert (revision.number, revision.editor, revision.body) == (1, ada, "Light.")
    assert sorted(revision.tag_names) == ["moon", "sun"]
    assert len(sent) == 1


def test_same_titles_get_slugs_of_their_own(studio) -> None:
    for _ in range(3):
        studio.post(NEW, form())
    assert sorted(Post.objects.values_list("slug", flat=True)) == [
        "on-mirrors",
        "on-mirrors-2",
        "on-mirrors-3",
    ]


@pytest.mark.parametrize("title", ["!?", "🔥", "日本語", "new", "a/b", "..", "-" * 50, "x" * 200])
def test_every_title_has_an_address(studio, title) -> None:
    studio.post(NEW, form(title=title, do="publish"))
    post = Post.objects.get()
    assert Client().get(post.get_absolute_url()).status_code == 200


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ""),
        ("title", "   "),
        ("title", "x" * 10_000),
        ("title", "a\0b"),
        ("body", "x" * (BODY_LENGTH + 1)),
        ("body", "a\0b"),
        ("summary", "x" * 501),
        ("image_alt", "x" * 201),
        ("tags", "x" * 51),
        ("tags", ", ".join(f"t{n}" for n in range(21))),
        ("tags", "a\0b"),
        ("publish_at", "tomorrow"),
        ("publish_at", "9" * 40),
        ("version", "x"),
    ],
)
def test_what_does_not_fit_is_said_at_its_field(studio, write, field, value) -> None:
    post = write()
    for path in (NEW, edit_path(post)):
        act = "schedule" if field == "publish_at" else "save"  # which needs no date
        typed = {"new_tags": "on", "version": "1", "do": act, field: value}
        answer = studio.post(path, form(**typed))
        assert answer.status_code == 200
        assert list(errors(answer)) == [field]
        if field != "body":
            assert "Light." in answer.content.decode(), "what was typed is still there"
    assert Post.objects.count() == 1
    assert Revision.objects.count() == 1
    assert not Tag.objects.exists()


@pytest.mark.parametrize(
    "text", ["\ud800 lonely", "nul \0 nul", "\u202e rtl", "\x01\x08", "\ufeff bom"]
)
@pytest.mark.parametrize("field", ["title", "summary", "body", "image_alt"])
def test_the_doors_take_any_text(ada, field, text) -> None:
    """Importers and scripts do not come through a form."""
    fields = {"title": "T", "body": "B", field: text}
    post = create_post(ada, **fields)
    edit_post(post, by=ada, version=1, **{field: f"{text} again"})
    import_post(ada, **fields, source=f"wp:{field}")
    for stored in Post.objects.values_list(field, flat=True):
        assert "\0" not in stored
        stored.encode()


def test_the_doors_refuse_what_is_too_long(ada) -> None:
    for fields in ({"title": "x" * 201}, {"title": "T", "body": "x" * (BODY_LENGTH + 1)}):
        with pytest.raises(ValidationError):
            create_post(ada, **fields)
    with pytest.raises(TypeError, match="cannot set status"):
        create_post(ada, title="T", status="published")
    with pytest.raises(PermissionDenied):
        create_post(person("nina"), title="T")
    assert not Post.objects.exists()


@pytest.mark.parametrize("spelling", ["Été", "été", "ÉTÉ"])
@pytest.mark.parametrize("known", ["Été", "été", "ÉTÉ"])
def test_a_tag_is_found_in_any_case_of_any_letters(known, spelling) -> None:
    (tag,) = Tag.find_or_create([known])
    assert Tag.find_or_create([spelling]) == [tag]
    assert Tag.objects.get().name == known


def test_unknown_tags_are_asked_about(studio) -> None:
    Tag.find_or_create(["Sun"])
    answer = studio.post(NEW, form(tags="sun, mooon"))
    assert answer.status_code == 200
    assert "There is no tag “mooon” yet" in errors(answer)["tags"][0]
    assert not Post.objects.exists()
    assert Tag.objects.count() == 1
    studio.post(NEW, form(tags="sun, mooon", new_tags="on"))
    assert sorted(Tag.objects.values_list("name", flat=True)) == ["Sun", "mooon"]


def test_fields_that_are_not_shown_are_ignored(studio, bruno) -> None:
    extra = {
        "status": "published",
        "author": bruno.pk,
        "published_at": "2020-01-01T00:00",
        "slug": "mine",
        "featured_slot": "1",
        "comment_count": "99",
        "source": "wp:1",
        "body_html": "<script>alert(1)</script>",
        "created_at": "2020-01-01",
        "renderer": "7",
        "id": "7",
    }
    studio.post(NEW, form(**extra))
    post = Post.objects.get()
    studio.post(edit_path(post), form(version="1", body="More.", **extra))
    post = Post.objects.get()
    assert (post.status, post.author.username, post.slug) == ("draft", "ada", "on-mirrors")
    assert (post.published_at, post.featured_slot, post.comment_count) == (None, None, 0)
    assert post.source is None
    assert post.body_html == "<p>More.</p>\n"
    assert post.version == 2, "but a client cannot choose it"


# -- two at once --------------------------------------------------------------------------------


def test_a_stale_save_keeps_both_texts(studio, write, ada, edith) -> None:
    post = write(body="Old text")
    edit_post(post, by=edith, version=1, body="Text of the editor", title="Title of the editor")
    before = AuditEntry.objects.count(), Revision.objects.count()
    answer = studio.post(edit_path(post), form(version="1", body="My own text & <b>", title="Mine"))
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "saved in another window" in page
    assert "My own text &amp; &lt;b&gt;" in page
    assert "Text of the editor" in page
    post.refresh_from_db()
    assert (post.body, post.title, post.version) == (
        "Text of the editor",
        "Title of the editor",
        2,
    )
    assert (AuditEntry.objects.count(), Revision.objects.count()) == before
    again = studio.post(edit_path(post), form(version="1", body="My own text & <b>"))
    assert again.status_code == 409, "and not by pressing again"


def test_a_stale_save_makes_no_tag(studio, write, ada) -> None:
    post = write()
    edit_post(post, by=ada, version=1, body="Saved meanwhile")
    answer = studio.post(edit_path(post), form(version="1", tags="moon", new_tags="on"))
    assert answer.status_code == 409
    assert not Tag.objects.exists()
    answer = studio.post(edit_path(post), form(version="2", tags="moon", new_tags="on"))
    assert answer.status_code == 302
    assert [tag.name for tag in post.tags.all()] == ["moon"]


@pytest.mark.parametrize("version", ["", "0", "-1", "99", "9" * 30])
def test_a_save_from_no_known_version_is_stale(studio, write, version) -> None:
    post = write(body="Old text")
    answer = studio.post(edit_path(post), form(version=version, body="New text"))
    assert answer.status_code == 409
    assert Post.objects.get().body == "Old text"


def test_each_save_is_a_numbered_revision_and_an_empty_one_is_none(studio, write) -> None:
    post = write(body="One")
    with captured(post_edited) as sent:
        for number, body in enumerate(["Two", "Three", "Three"], start=1):
            version = min(number, 3)
            answer = studio.post(edit_path(post), form(version=str(version), body=body))
            assert answer.status_code == 302
    assert list(post.revisions.values_list("number", "body")) == [
        (3, "Three"),
        (2, "Two"),
        (1, "One"),
    ]
    assert [e.arguments["changed_fields"] for e in sent] == [["body"], ["body"]]


def test_the_door_says_what_is_there_now(write, ada) -> None:
    post = write()
    edit_post(post, by=ada, version=1, body="Newer")
    with pytest.raises(StaleVersion) as stale:
        edit_post(Post.objects.get(), by=ada, version=1, body="Older")
    assert stale.value.current.body == "Newer"


# -- a look before ---------------------------------------------------------------------------------


def test_a_preview_saves_nothing(studio, write) -> None:
    post = write(body="Old text", public=True)
    tables = (Post, Revision, Tag, AuditEntry, Delivery)
    before = [list(table.objects.order_by("pk").values()) for table in tables]
    for path in (NEW, edit_path(post)):
        typed = form(
            do="preview", body="**New** text<script>", tags="fresh", new_tags="on", version="1"
        )
        answer = studio.post(path, typed)
        assert answer.status_code == 200
        page = answer.content.decode()
        assert "<strong>New</strong> text&lt;script&gt;" in page
        assert "**New** text&lt;script&gt;" in page, "and what was typed is still in the form"
    assert [list(table.objects.order_by("pk").values()) for table in tables] == before


@pytest.mark.parametrize("why", [{"do": "preview"}, {"title": ""}, {"tags": "unknown"}])
def test_a_form_that_comes_back_asks_for_its_file_again(studio, why) -> None:
    for file, asks in ((photo(), True), (None, False)):
        typed = form(**{"do": "save", **why}, **({"image": file} if file else {}))
        answer = studio.post(NEW, typed)
        assert answer.status_code == 200
        assert ("choose the file again" in answer.content.decode()) is asks


def test_the_preview_page_is_for_nobody_else(studio, write, bruno, rita) -> None:
    post = write(body="Old text")
    answer = studio.get(f"/studio/posts/{post.pk}/preview/")
    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.headers["X-Robots-Tag"] == "noindex"
    publish(post, by=None)
    for user, status in ((bruno, 404), (rita, 403)):
        client = Client()
        client.force_login(user)
        assert client.get(f"/studio/posts/{post.pk}/preview/").status_code == status
