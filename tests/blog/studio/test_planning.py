"""One form, one meaning: each state of a post by each button by whatever stands in its date."""

from datetime import UTC, datetime
from itertools import product

import pytest
from django.test import Client

from accounts.services import update_preferences
from blog.models import Post
from blog.services import edit_post, publish, schedule, unpublish, unschedule
from blog.studio.planning import DateRefused, TypedDate, carry_out
from tests.cast import person

pytestmark = pytest.mark.django_db

SOON = datetime(2999, 6, 30, 9, tzinfo=UTC)
DATES = {
    "left alone": None,
    "empty": "",
    "future": "2999-12-24T18:00",
    "past": "2020-01-01T00:00",
    "twice that night": "2027-10-31T01:30",
    "never that night": "2027-03-28T01:30",
    "no date": "soon",
    "after the calendar": "9999-12-31T23:59",
}
FUTURE = datetime(2999, 12, 24, 18, tzinfo=UTC)
STATES = ["new", "draft", "scheduled", "published", "withdrawn"]


@pytest.fixture
def studio(ada) -> Client:
    update_preferences(ada, time_zone="Europe/Lisbon")
    client = Client()
    client.force_login(ada)
    return client


def in_state(write, state: str) -> Post | None:
    if state == "new":
        return None
    post = write("Before", public=state in {"published", "withdrawn"})
    if state == "withdrawn":
        unpublish(post, by=None)
    if state == "scheduled":
        schedule(post, by=None, at=SOON)
    return Post.objects.get()


def send(client: Client, post: Post | None, **typed: str):
    """As a browser would: every field of the page, with what is typed instead of what is there."""
    path = f"/studio/posts/{post.pk}/edit/" if post else "/studio/posts/new/"
    page = client.get(path)
    sent = {name: page.context["form"][name].value() for name in page.context["form"].fields}
    sent = {name: value for name, value in sent.items() if value and value is not True}
    if post and not post.is_public:
        sent["publish_at"] = sent.get("shown_publish_at", "")
    return client.post(path, {**sent, "body": "Light.", **typed}, follow=True)


@pytest.mark.parametrize(("state", "act"), list(product(STATES, ["save", "schedule", "publish"])))
def test_a_date_is_never_passed_over_and_never_in_the_way(studio, write, state, act) -> None:
    for name, typed in DATES.items():
        Post.objects.all().delete()
        post = in_state(write, state)
        before, plan = post and post.status, post and post.publish_at
        date = {} if typed is None else {"publish_at": typed}
        answer = send(studio, post, title="After", do=act, **date)
        page, case = answer.content.decode(), (state, act, name)
        row = Post.objects.first()

        usable = name == "future" or (name == "left alone" and state == "scheduled")
        filled = bool(typed) or usable
        wanted = FUTURE if name == "future" else SOON
        planned = before == "scheduled" if act == "save" else True
        # The text
        needs_date = act == "schedule" or (act == "publish" and filled)
        is_garbage = name in {"twice that night", "never that night", "no date"} or (
            name == "after the calendar"
        )
        if is_garbage and needs_date:
            assert row is None or row.title in {"Before", "After"}, case
            assert "After" in page, case
        else:
            assert (row and row.title) == "After", case
        # The state
        if before == "published" or (act == "publish" and not filled):
            assert row.status == "published", case
        elif usable and planned:
            assert (row.status, row.publish_at) == ("scheduled", wanted), case
        elif act == "save" and state == "scheduled" and name == "empty":
            assert (row.status, row.publish_at) == ("draft", None), case
        elif row is not None:
            assert (row.status, row.publish_at) == (before or "draft", plan), case
        # The words
        if typed and not (usable and row.status == "scheduled"):
            words = ("not used", "nothing is scheduled", "moment is over", "in the future",
                     "public already", "interpreted", "valid date", "calendar goes")  # fmt: skip
            assert any(word in page for word in words), case
        if act == "save" and state == "scheduled":
            assert "scheduled for" in page.lower() or "draft again" in page, case


def test_a_plan_in_an_hour_that_comes_twice_outlives_a_mended_typo(studio, write) -> None:
    post = write("Teh title")
    at = datetime(2027, 10, 31, 1, 30, 12, tzinfo=UTC)  # 01:30 in Lisbon, the second time
    schedule(post, by=None, at=at)
    answer = send(studio, post, title="The title", do="save")
    assert "Saved. Still scheduled for" in answer.content.decode()
    row = Post.objects.get()
    assert (row.title, row.publish_at, row.status) == ("The title", at, "scheduled")


def test_a_plan_made_meanwhile_by_somebody_else_is_left_alone(studio, write) -> None:
    post = write()
    typed = {"title": "T", "body": "B", "version": "1", "publish_at": "", "shown_publish_at": ""}
    schedule(post, by=None, at=SOON)
    answer = studio.post(f"/studio/posts/{post.pk}/edit/", {**typed, "do": "save"}, follow=True)
    assert "Still scheduled for" in answer.content.decode()
    assert Post.objects.get().publish_at == SOON


def test_publish_beside_a_plan_waits_for_it_until_the_date_is_emptied(studio, write) -> None:
    post = write()
    schedule(post, by=None, at=SOON)
    assert "will be public on" in send(studio, post, do="publish").content.decode()
    assert not Post.objects.get().is_public
    assert (
        "is public."
        in send(studio, Post.objects.get(), do="publish", publish_at="").content.decode()
    )


def test_a_plan_that_is_overdue_is_published(write, ada) -> None:
    post, past = write(), datetime(2020, 1, 1, tzinfo=UTC)
    with pytest.raises(DateRefused):
        carry_out(post, "publish", TypedDate(past), by=ada)
    carry_out(post, "publish", TypedDate(past, untouched=True), by=ada)
    assert Post.objects.get().is_public


def test_a_date_of_a_new_post_stands_in_the_form_of_the_saved_one(studio) -> None:
    answer = send(studio, None, title="T", do="save", publish_at="2999-12-24T18:00")
    page = answer.content.decode()
    assert "nothing is scheduled" in page
    assert 'value="2999-12-24T18:00"' in page
    send(studio, Post.objects.get(), do="schedule", publish_at="2999-12-24T18:00")
    assert Post.objects.get().publish_at == FUTURE


def test_what_publishes_is_not_offered_where_it_would_be_untrue(studio, write, ada) -> None:
    post = write()
    path = f"/studio/posts/{post.pk}/edit/"

    def page() -> str:
        return studio.get(path).content.decode()

    assert "Save draft" in page()
    assert "needed to publish" in page()
    schedule(post, by=ada, at=SOON)
    assert "Save draft" not in page()
    assert "Publish later" in page()
    unschedule(post, by=ada)
    publish(post, by=ada)
    assert "Publish later" not in page()
    assert "Save draft" not in page()
    unpublish(post, by=ada)
    assert "Publish later" in page()
    assert "Save draft" not in page()


def test_somebody_who_may_only_edit_leaves_the_plan_alone(write) -> None:
    from django.contrib.auth.models import Permission

    helper = person("hank", "Author")
    helper.user_permissions.add(Permission.objects.get(codename="change_post"))
    client, post = Client(), write()
    client.force_login(helper)
    schedule(post, by=None, at=SOON)
    assert "Publish later" not in client.get(f"/studio/posts/{post.pk}/edit/").content.decode()
    typed = {"title": "T", "body": "B", "version": "1", "do": "save"}
    path = f"/studio/posts/{post.pk}/edit/"
    assert "Still scheduled" in client.post(path, typed, follow=True).content.decode()
    typed |= {"version": str(Post.objects.get().version), "publish_at": ""}
    assert "You may not" in client.post(path, typed, follow=True).content.decode()
    assert Post.objects.get().publish_at == SOON
    edit_post(Post.objects.get(), by=None, version=Post.objects.get().version, title="U")
