"""Invariant 5: a durable receiver that runs again leaves everything as its first run did.

Workers die after an effect and before they could say so, and operators replay: there is no
receiver of this site that may assume to run once.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from accounts.services import announce_confirmation, announce_registration, update_profile
from blog.models import Post, Tag
from blog.services import delete_post, edit_post, hand_over, publish, publish_due, unpublish
from comments.services import approve_comment, submit_comment
from listeners.notifications.models import Subscription
from listeners.notifications.subscribing import confirm, subscribe
from listeners.webhooks.models import Endpoint
from signalflow import DURABLE, registry
from signalflow.models import Delivery
from signalflow.operating import operations
from signalflow.testing import assert_nothing_left, run_deliveries
from tests.listeners.cdn.edge import Edge
from tests.snapshots import effects, picture

pytestmark = pytest.mark.django_db(transaction=True)

DURABLES = sorted({w.receiver.uid for w in registry.wires() if w.receiver.phase is DURABLE})


class World:
    """A post that waits and one that is public, with readers who want to be told."""

    def __init__(self, write: Any, ada: User, bruno: User, rita: User) -> None:
        self.ada, self.bruno, self.rita = ada, bruno, rita
        self.draft = write("On light", tags=["sun"], image=picture(), image_alt="Red.")
        self.public = write("On mirrors", tags=["sun", "code"], public=True)
        for target in ("site", f"author:{ada.pk}", f"thread:{self.public.pk}"):
            subscribe("reader@example.org", target, "the site")
        for row in Subscription.objects.all():
            confirm(row.token)
        self.comment = submit_comment(self.public, author=rita, body="Yes.")
        run_deliveries()

    def edit(self, post: Post, **changes: Any) -> None:
        edit_post(post, by=None, version=Post.objects.get(pk=post.pk).version, **changes)


@pytest.fixture
def world(write, ada, bruno, rita, settings, tmp_path, peer, peers) -> World:
    settings.MEDIA_ROOT = tmp_path
    settings.CDN = Edge("fastly", peers()).setting
    Endpoint.objects.create(label="Mirror", url=peer.url)
    return World(write, ada, bruno, rita)


def fail_to_publish(world: World) -> None:
    """The clock finds the post without a text; its author then writes one."""
    moment = timezone.now() - timedelta(minutes=1)
    body = world.draft.body
    rows = Post._base_manager.filter(pk=world.draft.pk)
    rows.update(status="scheduled", publish_at=moment, body="")
    publish_due()
    rows.update(body=body)


def change_email(world: World) -> None:
    world.rita.email = "rita@elsewhere.example"
    world.rita.save()


def change_email_and_confirm(world: World) -> None:
    world.rita.emailaddress_set.create(email="rita@elsewhere.example", verified=True)
    change_email(world)


def change_password(world: World) -> None:
    world.rita.set_password("another battery")
    world.rita.save()


def add_and_remove_address(world: World) -> None:
    world.rita.emailaddress_set.create(email="rita@elsewhere.example", verified=True).delete()


def sign_up_and_confirm(world: World) -> None:
    announce_registration(world.rita)
    announce_confirmation(world.rita, world.rita.email)


def forget_password(world: World) -> None:
    Client().post("/accounts/password/reset/", {"email": world.rita.email})


def rename_tag(world: World) -> None:
    tag = Tag.objects.get(name="sun")
    tag.name = "sunlight"
    tag.save()


def go_public(world: World) -> None:
    publish(world.draft, by=world.ada)


def approve(world: World) -> None:
    approve_comment(world.comment, by=None)


def delete(world: World) -> None:
    delete_post(world.public, by=None)


def retag(world: World) -> None:
    world.edit(world.public, tags=[Tag.objects.get(name="code")])


def give_avatar(world: World) -> None:
    update_profile(world.ada, avatar=picture("blue"))


# What makes a delivery for each receiver; a new receiver needs a line here.
SCENARIOS: dict[str, Callable[[World], Any]] = {
    "media.receivers.make_renditions": give_avatar,
    "media.receivers.remove_released_files": lambda w: w.edit(w.draft, image=picture("blue")),
    "blog.social_images.receivers.draw_social_image": go_public,
    "blog.social_images.receivers.draw_social_images_of_author": give_avatar,
    "blog.publish_overdue_post": fail_to_publish,
    "blog.receivers.recount_after_deletion": delete,
    "blog.receivers.recount_author_of_post": go_public,
    "blog.receivers.recount_both_authors": lambda w: hand_over(w.public, by=None, to=w.bruno),
    "blog.receivers.recount_linked_tags": retag,
    "blog.receivers.recount_tags_of_post": go_public,
    "cdn.receivers.purge_ended_pages": go_public,
    "comments.receivers.recount_after_deleted_comment": lambda w: w.comment.delete(),
    "comments.receivers.recount_comments_of_post": approve,
    "notifications.account_notices.queue_notice_of_added_address": add_and_remove_address,
    "notifications.account_notices.queue_notice_of_new_password": change_password,
    "notifications.account_notices.queue_notice_of_removed_address": add_and_remove_address,
    "notifications.account_notices.queue_notice_to_new_address": change_email_and_confirm,
    "notifications.receivers.queue_approval_mail": approve,
    "notifications.receivers.queue_confirmation": lambda w: subscribe("new@x.example", "site", "s"),
    "notifications.receivers.queue_notice_to_old_address": change_email,
    "notifications.receivers.queue_subscriber_mail": go_public,
    "notifications.receivers.queue_waiting_welcome": sign_up_and_confirm,
    "notifications.receivers.queue_welcome": lambda w: announce_registration(w.rita),
    "notifications.receivers.send_account_mail": forget_password,
    "notifications.receivers.send_queued_messages": go_public,
    "search.receivers.forget_deleted_post": delete,
    "search.receivers.index_posts_of_author": give_avatar,
    "search.receivers.index_posts_with_tag": rename_tag,
    "search.receivers.index_retagged_posts": retag,
    "search.receivers.index_saved_post": go_public,
    "webhooks.receivers.queue_approval": approve,
    "webhooks.receivers.queue_publication": go_public,
    "webhooks.receivers.queue_withdrawal": lambda w: unpublish(w.public, by=None),
    "webhooks.send_call": go_public,
}


def test_every_durable_receiver_has_its_scenario() -> None:
    missing = set(DURABLES) - SCENARIOS.keys()
    assert not missing, f"say in SCENARIOS what makes a delivery for {sorted(missing)}"
    assert not SCENARIOS.keys() - set(DURABLES), "a scenario for a receiver that is no more"


def what_is() -> dict[str, Any]:
    """Everything there is, but that somebody pressed Replay."""
    everything = effects()
    trail = everything["audit.AuditEntry"]
    return {**everything, "audit.AuditEntry": [row for row in trail if row["verb"] != "replayed"]}


@pytest.mark.parametrize("uid", DURABLES)
def test_again_changes_nothing(uid: str, world: World, monkeypatch) -> None:
    before, begun = what_is(), timezone.now()
    SCENARIOS[uid](world)
    run_deliveries(even_later=True)
    assert_nothing_left()
    assert Delivery.objects.filter(receiver=uid, state="done", created_at__gte=begun).exists()
    once = what_is()
    assert once != before, "the scenario did something"

    now = timezone.now
    monkeypatch.setattr(timezone, "now", lambda: now() + timedelta(hours=2))
    for _ in range(2):
        assert operations.replay(uid, begun)
        run_deliveries(even_later=True)
        assert_nothing_left()
        assert what_is() == once
