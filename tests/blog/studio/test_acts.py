"""The buttons of the studio: publish, plan, withdraw, feature, delete, one post or many."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.services import update_preferences
from blog.models import Post
from blog.services import publish, schedule
from comments.services import submit_comment
from tests.cast import person

pytestmark = pytest.mark.django_db(transaction=True)

NEW = "/studio/posts/new/"


@pytest.fixture
def studio(client, ada) -> Client:
    client.force_login(ada)
    return client


def client_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def said(answer) -> str:
    return " ".join(str(message) for message in answer.context["messages"])


def form(**changes: object) -> dict[str, object]:
    return {"title": "On mirrors", "body": "Light.", "comments_open": "on", **changes}


def act(client: Client, post: Post, what: str):
    return client.post(f"/studio/posts/{post.pk}/{what}/", follow=True)


# -- a moment later -------------------------------------------------------------------------------


def plan(client: Client, moment: str):
    return client.post(NEW, form(do="schedule", publish_at=moment), follow=True)


def test_a_moment_is_meant_in_ones_own_zone_and_said_with_it(studio, ada) -> None:
    update_preferences(ada, time_zone="Asia/Tokyo")
    answer = plan(studio, "2999-07-01T08:30")
    assert "will be public on" in said(answer)
    assert "08:30 (Asia/Tokyo)" in said(answer)
    post = Post.objects.get()
    assert post.status == "scheduled"
    assert post.publish_at == datetime(2999, 6, 30, 23, 30, tzinfo=UTC)
    page = studio.get(f"/studio/posts/{post.pk}/edit/").content.decode()
    assert 'value="2999-07-01T08:30"' in page
    assert "Asia/Tokyo" in page


@pytest.mark.parametrize(
    ("moment", "why"),
    [
        ("2027-03-28T01:30", "clocks go from 1:00 to 2:00"),
        ("2027-10-31T01:30", "clocks show it twice"),
    ],
)
def test_a_time_that_is_none_or_two_is_refused(studio, ada, moment, why) -> None:
    update_preferences(ada, time_zone="Europe/Lisbon")
    answer = plan(studio, moment)
    assert answer.status_code == 200
    (sentence,) = answer.context["form"].errors["publish_at"]
    assert "Europe/Lisbon" in sentence
    assert not Post.objects.exists(), why
    assert "Light." in answer.content.decode()


def test_the_hours_around_the_change_are_taken(studio, ada) -> None:
    update_preferences(ada, time_zone="Europe/Lisbon")
    for moment in ("2027-03-28T00:59", "2027-03-28T02:00", "2027-10-31T00:59", "2027-10-31T02:00"):
        plan(studio, moment)
    found = Post.objects.order_by("publish_at").values_list("publish_at", flat=True)
    assert [moment.strftime("%H:%M") for moment in found] == ["00:59", "01:00", "23:59", "02:00"]


@pytest.mark.parametrize("moment", ["2020-01-01T00:00", "0001-01-01T00:00", ""])
def test_a_moment_in_the_past_or_none_is_refused_and_the_text_kept(studio, moment) -> None:
    answer = plan(studio, moment)
    page = answer.content.decode()
    assert "in the future" in page or "Say when" in page
    assert "Light." in page
    assert Post.objects.get().status == "draft", "the text is saved"


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Tokyo"])
@pytest.mark.parametrize("moment", ["9999-12-31T23:59", "0001-01-01T00:00"])
def test_the_ends_of_time_are_no_error(studio, ada, zone, moment) -> None:
    update_preferences(ada, time_zone=zone)
    assert plan(studio, moment).status_code < 500
    assert studio.get("/studio/").status_code == 200


def test_a_refused_new_post_is_saved_once_however_often_one_tries(studio) -> None:
    """The text was saved as a draft; trying again continues that draft."""
    answer = studio.post(NEW, form(body="", do="publish"), follow=True)
    page = answer.content.decode()
    assert "has no text yet" in page
    post = Post.objects.get()
    again = answer.request["PATH_INFO"]
    studio.post(again, form(version=str(post.version), do="publish"))
    assert Post.objects.count() == 1
    assert Post.objects.get().is_public


# -- public ---------------------------------------------------------------------------------


def test_publishing_from_the_form_and_from_the_list(studio, write) -> None:
    studio.post(NEW, form(do="publish"))
    post = Post.objects.get()
    assert Client().get(post.get_absolute_url()).status_code == 200
    assert "was public already" in said(act(studio, post, "publish"))
    assert "is withdrawn" in said(act(studio, post, "withdraw"))
    assert "was not public" in said(act(studio, post, "withdraw"))
    planned = write("Planned")
    schedule(planned, by=None, at=timezone.now() + timedelta(days=1))
    assert "is a draft again" in said(act(studio, planned, "unschedule"))
    assert "was not scheduled" in said(act(studio, planned, "unschedule"))


@pytest.mark.expects_errors
def test_nobody_acts_on_what_is_not_theirs(write, bruno, rita, moss) -> None:
    post, public = write(), write("Public", public=True)
    before = list(Post.objects.order_by("pk").values())
    for user, status in ((bruno, 404), (rita, 403), (moss, 403)):
        for what in ("publish", "withdraw", "unschedule", "feature", "unfeature", "delete"):
            for target in (post, public):
                assert act(client_of(user), target, what).status_code == status
    assert list(Post.objects.order_by("pk").values()) == before


def test_an_author_may_not_feature_and_is_told(studio, write) -> None:
    post = write(public=True)
    assert "may not feature" in said(act(studio, post, "feature"))
    assert Post.objects.get().featured_slot is None


def test_featuring_fills_the_top_and_says_when_it_is_full(edith, write, settings) -> None:
    settings.FEATURED_POSTS_MAX = 1
    editor = client_of(edith)
    one, two = write("One", public=True), write("Two", public=True)
    assert "“One” is featured" in said(act(editor, one, "feature"))
    assert "was featured already" in said(act(editor, one, "feature"))
    assert "1 post is featured already" in said(act(editor, two, "feature"))
    assert "is not featured now" in said(act(editor, one, "unfeature"))
    assert "was not featured" in said(act(editor, one, "unfeature"))


@pytest.mark.expects_errors
def test_deleting(studio, write, rita, edith) -> None:
    post = write()
    assert "is deleted" in said(act(studio, post, "delete"))
    assert act(studio, post, "delete").status_code == 404
    public = write(public=True)
    submit_comment(public, author=rita, body="Bright")
    assert "may not delete" in said(act(studio, public, "delete")), "readers know it"
    act(client_of(edith), public, "delete")
    assert not Post.objects.exists()
    assert Client().get(public.get_absolute_url()).status_code == 404


@pytest.mark.expects_errors
def test_looking_at_a_button_does_nothing(studio, write) -> None:
    post = write()
    for what in ("publish", "withdraw", "feature", "nonsense"):
        for method in (studio.get, studio.head, studio.put, studio.delete):
            assert method(f"/studio/posts/{post.pk}/{what}/").status_code == 405
    assert studio.get(f"/studio/posts/{post.pk}/delete/").status_code == 200
    assert Post.objects.exists()
    assert act(studio, post, "nonsense").status_code == 404
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(post.author)
    assert strict.post(f"/studio/posts/{post.pk}/publish/").status_code == 403
    assert not Post.objects.get().is_public


# -- many -----------------------------------------------------------------------------------


def test_publishing_many_tells_what_became_of_each(studio, write, bruno) -> None:
    good, empty, public = write("Good"), write("Empty", body=" "), write("Public", public=True)
    foreign = write("Foreign", author=bruno)
    keys = [post.pk for post in (good, empty, public, foreign)]
    text = said(studio.post("/studio/posts/publish/", {"post": keys}, follow=True))
    assert "1 published, 1 public already, 1 refused, 1 gone or not yours." in text
    assert "“Empty”" in text
    assert "has no text yet" in text
    assert {p.title for p in Post.objects.published()} == {"Good", "Public"}


@pytest.mark.parametrize("key", ["999999", "x", "9" * 40, "-1", "foreign"])
def test_ticking_only_what_is_gone_is_no_success(studio, write, bruno, key: str) -> None:
    foreign = write("Foreign", author=bruno)
    typed = foreign.pk if key == "foreign" else key
    page = studio.post("/studio/posts/publish/", {"post": [typed]}, follow=True)
    assert "gone or not yours. Nothing was changed." in said(page)
    assert "0 published" not in page.content.decode()
    foreign.refresh_from_db()
    assert not foreign.is_public


@pytest.mark.parametrize(
    "keys", [[], ["x"], ["-1"], ["9" * 30], ["9" * 5_000], ["1 OR 1=1"], ["0"] * 1_000]
)
def test_odd_keys_publish_nothing(studio, write, keys) -> None:
    write()
    answer = studio.post("/studio/posts/publish/", {"post": keys}, follow=True)
    assert answer.status_code == 200
    assert not Post.objects.published().exists()


def test_an_editor_publishes_for_all(edith, write, bruno) -> None:
    posts = [write("One"), write("Two", author=bruno)]
    answer = client_of(edith).post("/studio/posts/publish/", {"post": [p.pk for p in posts]})
    assert answer.status_code == 302
    assert Post.objects.published().count() == 2


def test_a_reader_publishes_nothing(write) -> None:
    post = write()
    answer = client_of(person("nina")).post("/studio/posts/publish/", {"post": [post.pk]})
    assert answer.status_code == 403
    assert publish(post, by=None)
