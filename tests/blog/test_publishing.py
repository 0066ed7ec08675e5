from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.utils import timezone

from blog.models import Post
from blog.services import (
    Refused,
    bulk_publish,
    feature,
    publish,
    publish_due,
    schedule,
    unfeature,
    unpublish,
    unschedule,
)
from blog.signals import CustomSignals, post_published, post_scheduled, post_unpublished
from signalflow import NOW, receiver, registry
from signalflow.models import Delivery
from signalflow.testing import captured, run_deliveries

pytestmark = pytest.mark.django_db(transaction=True)

Status = Post.Status


def make_due(post: Post, minutes: int = 1) -> None:
    Post._base_manager.filter(pk=post.pk).update(
        status=Status.SCHEDULED, publish_at=timezone.now() - timedelta(minutes=minutes)
    )


def test_publishing_announces_once_with_what_it_promises(write, ada) -> None:
    post = write()
    with captured(post_published) as sent:
        assert publish(post, by=ada) is True
        assert publish(post, by=ada) is False, "a second click"
        assert publish(Post.objects.get(), by=ada) is False, "another tab"
    (emission,) = sent
    post.refresh_from_db()
    assert emission.sender is Post
    assert emission.arguments == {
        "post": post,
        "author": ada,
        "publish_date": post.published_at,
    }
    assert post.is_public


def test_publishing_writes_only_what_it_changes(write, ada) -> None:
    """A stale instance must not revert what an editor wrote meanwhile."""
    post = write("Old title")
    Post.objects.update(title="New title")
    publish(post, by=ada)
    assert Post.objects.get().title == "New title"


def test_nobody_publishes_what_is_not_theirs(write, bruno, rita, moss, edith) -> None:
    post = write()
    for stranger in (bruno, rita, moss):
        with pytest.raises(PermissionDenied, match="may not publish"):
            publish(post, by=stranger)
    assert not Post.objects.get().is_public
    assert publish(post, by=edith)


def test_an_empty_text_and_an_undescribed_image_are_refused(write, ada) -> None:
    with pytest.raises(Refused) as refusal:
        publish(write(body=" "), by=ada)
    assert refusal.value.sentences == ["The post has no text yet."]
    post = write()
    Post.objects.filter(pk=post.pk).update(image="post/mirror.jpg")
    with pytest.raises(Refused, match="Describe the image"):
        publish(Post.objects.get(pk=post.pk), by=ada)
    assert not Post.objects.published().exists()


def test_a_receiver_that_fails_now_undoes_the_publication(write, ada, hear_now) -> None:
    post = write()
    hear_now(post_published)
    with pytest.raises(RuntimeError):
        publish(post, by=ada)
    assert post.status == Status.DRAFT, "the caller's instance keeps the old state too"
    assert Post.objects.get().status == Status.DRAFT
    assert not Delivery.objects.filter(signal="blog.signals.post_published").exists()


@pytest.fixture
def hear_now():
    """Let a signal fail for a post called "bad", or for every post without that name."""
    uids = []

    def register(signal, title: str = "") -> None:
        def fail(post, **kwargs) -> None:
            if title in post.title:
                raise RuntimeError("the mirror broke")

        uids.append(f"test.fail.{len(uids)}")
        receiver(signal, when=NOW, uid=uids[-1])(fail)

    yield register
    for uid in uids:
        registry.forget(uid)


def test_withdrawing_and_publishing_again_keeps_the_date(write, ada) -> None:
    post = write(public=True)
    date = post.published_at
    with captured(post_unpublished, post_published) as sent:
        assert unpublish(post, by=ada) is True
        assert unpublish(post, by=ada) is False
        publish(post, by=ada)
    assert [e.signal for e in sent] == [post_unpublished, post_published]
    post.refresh_from_db()
    assert post.published_at == date


def test_scheduling_refuses_the_past_and_a_public_post(write, ada) -> None:
    post = write()
    with pytest.raises(Refused, match="in the future"):
        schedule(post, by=ada, at=timezone.now())
    at = timezone.now() + timedelta(hours=1)
    with captured(post_scheduled) as sent:
        assert schedule(post, by=ada, at=at) is True
        assert schedule(post, by=ada, at=at) is False
    assert len(sent) == 1
    assert publish_due().published == [], "never early"
    assert unschedule(post, by=ada) is True
    assert unschedule(post, by=ada) is False
    publish(post, by=ada)
    with pytest.raises(Refused, match="public already"):
        schedule(post, by=ada, at=at)


def test_a_due_post_gets_its_planned_date(write) -> None:
    post = write()
    make_due(post, minutes=90)
    planned = Post.objects.get().publish_at
    assert publish_due().published == [post.pk]
    assert Post.objects.get().published_at == planned


@pytest.mark.expects_errors
def test_one_bad_post_stops_no_other_and_is_shown(write, hear_now, capsys) -> None:
    hear_now(post_published, "bad")
    posts = [write(title) for title in ("first", "bad", "last")]
    for post in posts:
        make_due(post)
    with pytest.raises(CommandError, match="2 published, 0 skipped, 1 failed"):
        call_command("publish_scheduled_posts")
    assert {p.title for p in Post.objects.published()} == {"first", "last"}
    call_command("signals", "failed")
    out = capsys.readouterr().out
    assert "blog.publish_overdue_post" in out
    assert "the mirror broke" in out
    with pytest.raises(CommandError):
        call_command("publish_scheduled_posts")
    assert Delivery.objects.filter(receiver="blog.publish_overdue_post").count() == 1


@pytest.mark.expects_errors
def test_a_mended_post_goes_out_by_cron_or_by_retry(write, hear_now) -> None:
    hear_now(post_published)
    posts = [write("one"), write("two")]
    for post in posts:
        make_due(post)
    with pytest.raises(CommandError):
        call_command("publish_scheduled_posts")
    registry.forget("test.fail.0")
    assert publish_due().published == [posts[0].pk, posts[1].pk]
    outcomes = run_deliveries(even_later=True)
    assert not Delivery.objects.filter(state="failed").exists(), outcomes


def test_bulk_publish_tells_what_became_of_each(write, ada, bruno, hear_now) -> None:
    hear_now(post_published, "bad")
    good, bad, public = write("good"), write("bad"), write("public", public=True)
    foreign = write("foreign", author=bruno)
    result = bulk_publish([good, bad, public, foreign], by=ada)
    assert result.published == [good.pk]
    assert result.skipped == [public.pk]
    assert set(result.failed) == {bad.pk, foreign.pk}
    assert "the mirror broke" in result.failed[bad.pk]


def test_featuring_has_few_places(write, ada, edith, settings) -> None:
    settings.FEATURED_POSTS_MAX = 2
    one, two, three = (write(str(n), public=True) for n in range(3))
    with pytest.raises(PermissionDenied):
        feature(one, by=ada)
    assert feature(one, by=edith) is True
    assert feature(one, by=edith) is False
    feature(two, by=edith)
    with pytest.raises(Refused, match="2 posts are featured already"):
        feature(three, by=edith)
    unpublish(one, by=ada)
    assert Post.objects.get(pk=one.pk).featured_slot is None
    assert feature(three, by=edith) is True
    assert unfeature(two, by=edith) is True
    assert unfeature(two, by=edith) is False
    with pytest.raises(Refused, match="Only a published post"):
        feature(one, by=edith)


def test_the_namespace_holds_the_same_signals() -> None:
    assert CustomSignals.post_published is post_published
