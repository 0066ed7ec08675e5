"""What is decided under a row's lock is decided on what the one before left there.

Somebody changes a row and has not committed; a door that comes meanwhile has to wait, and then to
see the change.  On SQLite one writer shuts out all others, so only PostgreSQL can tell.
"""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import UserPreferences, UserProfile
from accounts.services import update_preferences, update_profile
from accounts.signals import preferences_updated, user_profile_updated
from blog.counting import recount_author, recount_tags
from blog.models import Listing, Post, Tag
from blog.rendering.repair import render_again
from blog.services import Refused, StaleVersion, edit_post, publish
from blog.signals import post_deleted, post_published
from comments.counting import recount_comments
from comments.models import Comment
from comments.services import approve_comment, submit_comment
from comments.signals import comment_approved
from listeners.notifications import subscribing
from listeners.notifications.models import Subscription
from listeners.notifications.signals import subscription_requested
from listeners.search.indexing import index_post
from listeners.search.models import Document
from signalflow.testing import captured

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]

PATIENCE_SECONDS = 5


def _is_somebody_waiting() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity "
            "WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return bool(cursor.fetchone()[0])


def meanwhile(change: Callable[[], Any], act: Callable[[], Any]) -> Any:
    """What `act` returns or raises, begun after `change` and before the commit of it."""
    changed = Event()

    def hold() -> None:
        try:
            with transaction.atomic():
                change()
                changed.set()
                deadline = time.monotonic() + PATIENCE_SECONDS
                while not _is_somebody_waiting() and time.monotonic() < deadline:
                    time.sleep(0.01)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        holding = pool.submit(hold)
        assert changed.wait(PATIENCE_SECONDS)
        try:
            return act()
        finally:
            holding.result()


def rows(model: Any, **which: Any) -> Any:
    """Past the doors and their guards: what another process would have written."""
    return model._base_manager.filter(**which)


def test_a_text_saved_meanwhile_is_not_overwritten(write, ada) -> None:
    post = write("Mirrors")
    with pytest.raises(StaleVersion):
        meanwhile(
            lambda: rows(Post, pk=post.pk).update(body="Theirs", version=post.version + 1),
            lambda: edit_post(post, by=ada, version=post.version, body="Mine"),
        )
    assert rows(Post, pk=post.pk).get().body == "Theirs"


def test_a_post_published_meanwhile_is_not_published_again(write, ada) -> None:
    post = write("Mirrors")
    with captured(post_published) as sent:
        published = meanwhile(
            lambda: rows(Post, pk=post.pk).update(status="published", published_at=timezone.now()),
            lambda: publish(post, by=ada),
        )
    assert not published
    assert sent == []


def test_a_post_published_meanwhile_is_deleted_as_a_public_one(write) -> None:
    post, now = write("Mirrors"), timezone.now()
    with captured(post_deleted) as sent:
        meanwhile(
            lambda: rows(Post, pk=post.pk).update(status="withdrawn", published_at=now),
            post.delete,
        )
    assert [emission.arguments["published_at"] for emission in sent] == [now]


def test_a_tag_put_on_a_post_that_is_published_meanwhile_lists_it(write, ada) -> None:
    post, tag = write("Mirrors"), Tag.objects.create(name="sun", slug="sun")
    meanwhile(lambda: publish(post, by=ada), lambda: post.tags.add(tag))
    assert Listing.objects.filter(list=f"tag:{tag.pk}", post=post).exists()


def test_no_comment_joins_a_post_that_is_withdrawn_meanwhile(write, ada, rita) -> None:
    post = write("Mirrors")
    publish(post, by=ada)
    with pytest.raises(Refused):
        meanwhile(
            lambda: rows(Post, pk=post.pk).update(status="withdrawn"),
            lambda: submit_comment(post, author=rita, body="Light!"),
        )
    assert not Comment.objects.exists()


def test_a_verdict_given_meanwhile_is_not_given_again(write, ada, rita, moss) -> None:
    post = write("Mirrors")
    publish(post, by=ada)
    comment = submit_comment(post, author=rita, body="Light!")
    with captured(comment_approved) as sent:
        meanwhile(
            lambda: rows(Comment, pk=comment.pk).update(
                status="approved", moderator=moss, moderated_at=timezone.now()
            ),
            lambda: approve_comment(comment, by=moss),
        )
    assert sent == []


def test_numbers_count_what_was_committed_while_they_waited(write, ada, rita, moss) -> None:
    post, other = write("Mirrors"), write("Lenses")
    publish(post, by=ada)
    tag = Tag.objects.create(name="sun", slug="sun")
    comment = submit_comment(post, author=rita, body="Light!")
    public = {"status": "published", "published_at": timezone.now()}

    def tagged() -> None:
        rows(Tag, pk=tag.pk).update(post_count=0)
        Post.tags.through._default_manager.create(post=post, tag=tag)

    def written() -> None:
        rows(UserProfile, user=ada).update(post_count=0)
        rows(Post, pk=other.pk).update(**public)

    def approved() -> None:
        rows(Post, pk=post.pk).update(comment_count=0)
        rows(Comment, pk=comment.pk).update(status="approved")

    meanwhile(tagged, transaction.atomic(lambda: recount_tags([tag.pk])))
    meanwhile(written, transaction.atomic(lambda: recount_author(ada.pk)))
    meanwhile(approved, transaction.atomic(lambda: recount_comments(post.pk)))
    assert rows(Tag, pk=tag.pk).get().post_count == 1
    assert rows(UserProfile, user=ada).get().post_count == 2
    assert rows(Post, pk=post.pk).get().comment_count == 1


def test_what_somebody_set_meanwhile_is_no_change_any_more(ada) -> None:
    with captured(user_profile_updated, preferences_updated) as sent:
        changes = [
            meanwhile(
                lambda: rows(UserProfile, user=ada).update(bio="Light."),
                lambda: update_profile(ada, bio="Light."),
            ),
            meanwhile(
                lambda: rows(UserPreferences, user=ada).update(theme="dark"),
                lambda: update_preferences(ada, theme="dark"),
            ),
        ]
    assert changes == [[], []]
    assert sent == []


def test_search_finds_the_words_that_were_committed_while_it_waited(write, ada) -> None:
    post = write("Mirrors")
    publish(post, by=ada)
    meanwhile(
        lambda: rows(Post, pk=post.pk).update(title="Lighthouses"),
        transaction.atomic(lambda: index_post(post.pk)),
    )
    assert Document.objects.get(post_id=post.pk).title.endswith("lighthouses")


def test_an_old_rendering_does_not_replace_a_text_saved_meanwhile(write) -> None:
    post = write("Mirrors", body="Before")
    meanwhile(
        lambda: rows(Post, pk=post.pk).update(body="After", body_html="<p>After</p>"),
        lambda: render_again([post.pk]),
    )
    assert rows(Post, pk=post.pk).get().body_html == "<p>After</p>"


def test_a_wish_confirmed_or_ended_meanwhile_stays_so() -> None:
    now = timezone.now()
    wish = Subscription.objects.create(email="r@x.example", target="site", label="all")
    with captured(subscription_requested) as sent:
        meanwhile(
            lambda: rows(Subscription, pk=wish.pk).update(confirmed_at=now),
            lambda: subscribing.subscribe("r@x.example", "site", "all"),
        )
    assert sent == [], "it is active: nothing is asked once more"
    rows(Subscription, pk=wish.pk).update(confirmed_at=None)
    assert not meanwhile(
        lambda: rows(Subscription, pk=wish.pk).update(ended_at=now),
        lambda: subscribing.confirm(wish.token),
    )
    rows(Subscription, pk=wish.pk).update(ended_at=None)
    ended = meanwhile(
        lambda: rows(Subscription, pk=wish.pk).update(ended_at=now),
        lambda: subscribing.unsubscribe(wish.token),
    )
    assert ended.ended_at == now
