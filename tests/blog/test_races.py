"""Many at once: each transition happens once, every count is true (both databases)."""

from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from accounts.models import UserProfile
from blog.models import Post, Tag
from blog.services import (
    Refused,
    StaleVersion,
    create_post,
    edit_post,
    feature,
    publish,
    publish_due,
    unpublish,
)
from blog.signals import post_published
from listeners.notifications.models import Message, Subscription
from signalflow.models import Delivery
from signalflow.testing import captured, run_deliveries
from tests.threads import together

pytestmark = pytest.mark.django_db(transaction=True)


def subscribe(count: int) -> None:
    Subscription.objects.bulk_create(
        Subscription(
            email=f"reader{n}@example.org",
            target="site",
            label="all new posts",
            confirmed_at=timezone.now(),
        )
        for n in range(count)
    )


@pytest.mark.parametrize("runs", [2, 5])
def test_overlapping_cron_runs_publish_once_and_mail_once(write, runs, mailoutbox) -> None:
    subscribe(3)
    for n in range(5):
        write(str(n))
    Post._base_manager.update(status="scheduled", publish_at=timezone.now() - timedelta(minutes=1))
    with captured(post_published) as sent:
        results = together(*[publish_due] * runs)
    assert sorted(pk for result in results for pk in result.published) == sorted(
        Post.objects.published().values_list("pk", flat=True)
    )
    assert not any(result.failed for result in results)
    assert len(sent) == 5
    fan_out = Delivery.objects.filter(receiver="notifications.receivers.queue_subscriber_mail")
    assert fan_out.count() == 5
    run_deliveries()
    assert len(mailoutbox) == 15
    assert Message.objects.count() == 15


def test_ten_people_publish_one_post(write, ada) -> None:
    post = write(tags=["sun"])
    with captured(post_published) as sent:
        done = together(*[lambda: publish(Post.objects.get(pk=post.pk), by=ada)] * 10)
    assert sorted(done) == [False] * 9 + [True]
    assert len(sent) == 1


def test_two_savers_of_one_text_lose_nothing(write, ada) -> None:
    post = write()

    def save(title: str) -> str:
        try:
            edit_post(Post.objects.get(pk=post.pk), by=ada, version=1, title=title)
        except StaleVersion:
            return "told"
        return "saved"

    assert sorted(together(partial(save, "One"), partial(save, "Two"))) == ["saved", "told"]
    assert Post.objects.get().version == 2


def test_equal_titles_at_once_get_different_addresses(ada) -> None:
    posts = together(*[lambda: create_post(ada, title="On mirrors", body="x")] * 5)
    assert sorted(post.slug for post in posts) == [
        "on-mirrors",
        *(f"on-mirrors-{n}" for n in range(2, 6)),
    ]


def test_one_place_is_taken_once(write, edith, settings) -> None:
    settings.FEATURED_POSTS_MAX = 1
    posts = [write(str(n), public=True) for n in range(4)]

    def take(post: Post) -> bool:
        try:
            return feature(post, by=edith)
        except Refused:
            return False

    assert sorted(together(*[partial(take, post) for post in posts])) == [False] * 3 + [True]


def test_tag_counts_are_true_after_writers_at_once(write, ada) -> None:
    """`F() + 1` drifts, a one-statement recount counts an old snapshot: both fail here."""
    tags = ["sun", "mirror", "code"]
    posts = [write(str(n), tags=tags[: n % 3 + 1]) for n in range(6)]

    def work(post: Post) -> None:
        post = Post.objects.get(pk=post.pk)
        for _ in range(3):
            publish(post, by=ada)
            post.tags.remove(Tag.objects.get(name="sun"))
            unpublish(post, by=ada)
            Tag.objects.get(name="sun").posts.add(post)
        publish(post, by=ada)

    together(*[partial(work, post) for post in posts])
    run_deliveries(even_later=True)
    for tag in Tag.objects.all():
        assert tag.post_count == Post.objects.published().filter(tags=tag).count(), tag
    assert UserProfile.objects.get(user=ada).post_count == 6
