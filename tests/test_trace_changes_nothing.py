"""Invariant 13: with traces or without, the site ends in the same state and sends the same mails.

One script is played twice from an empty database, so that even the keys must be equal.
"""

import itertools
import secrets
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

import pagecache
from accounts.services import update_profile
from blog.models import Post
from blog.services import edit_post, publish, schedule, unpublish
from comments.models import Comment
from comments.services import approve_comment, submit_comment
from listeners.audit.models import AuditEntry
from listeners.notifications.models import Subscription
from listeners.notifications.subscribing import confirm, subscribe
from signalflow.models import Delivery, Trace
from signalflow.testing import assert_nothing_left, run_deliveries
from tests.cast import person
from tests.snapshots import files, mails, picture, tables, timeless

pytestmark = pytest.mark.django_db(transaction=True)


def play(write: Any) -> None:
    """Write, publish, comment, approve, withdraw, change a profile, publish by the clock."""
    ada, rita = person("ada", "Author"), person("rita")
    moss = person("moss", "Moderator")
    for target in ("site", f"author:{ada.pk}"):
        subscribe("reader@example.org", target, "the site")
    run_deliveries()
    for row in Subscription.objects.all():
        confirm(row.token)
    post = write("On mirrors", author=ada, tags=["sun"], image=picture(), image_alt="Red.")
    browser = Client()
    browser.force_login(ada)
    assert browser.post(reverse("post-act", args=[post.pk, "publish"])).status_code == 302
    comment = submit_comment(post, author=rita, body="Yes.")
    approve_comment(comment, by=moss)
    update_profile(ada, display_name="Ada L.", avatar=picture("blue"))
    run_deliveries()
    post = Post.objects.get(pk=post.pk)
    edit_post(post, by=ada, version=post.version, title="On looking glasses", image="")
    unpublish(post, by=ada)
    later = write("On light", author=ada, tags=["sun", "code"])
    schedule(later, by=ada, at=timezone.now() + timedelta(hours=1))
    Post._base_manager.filter(pk=later.pk).update(publish_at=timezone.now() - timedelta(minutes=1))
    call_command("publish_scheduled_posts")
    publish(Post.objects.get(pk=post.pk), by=ada)
    submit_comment(later, author=rita, body="And again.")
    Comment.objects.get(pk=comment.pk).delete()
    run_deliveries()
    assert_nothing_left()


def state() -> dict[str, Any]:
    """Every table but those the traces are kept in; moments and random names aside."""
    books = {"report", "claim", "trace"}
    rows = tables(Trace, Session, without={"password", "session_data", *books})
    return {
        **{table: [timeless(row) for row in found] for table, found in rows.items()},
        "mails": [timeless(each) for each in mails()],
        "files": sorted(files()),
    }


def played(write: Any, settings: Any, monkeypatch: Any, tmp_path: Any, *, trace: bool) -> Any:
    call_command("flush", interactive=False, verbosity=0)
    pagecache.clear()
    mail.outbox.clear()
    settings.SIGNALFLOW = {**settings.SIGNALFLOW, "TRACE": trace}
    settings.MEDIA_ROOT = tmp_path / f"trace-{trace}"
    numbers = itertools.count()
    monkeypatch.setattr(secrets, "token_hex", lambda size=16: f"{next(numbers):0{2 * size}x}")
    monkeypatch.setattr(secrets, "token_urlsafe", lambda size=16: f"{next(numbers):022}")
    play(write)
    return state()


def test_traces_change_nothing(settings, monkeypatch, tmp_path, write) -> None:
    ours = (settings, monkeypatch, tmp_path)
    dark = played(write, *ours, trace=False)
    assert not Trace.objects.exists()
    assert not Delivery.objects.exclude(report=None).exists()
    traced = played(write, *ours, trace=True)
    assert Trace.objects.count() > 5
    assert dark.keys() == traced.keys()
    for table, rows in dark.items():
        assert rows == traced[table], f"{table} differs"
    assert len(dark["mails"]) > 3
    assert AuditEntry.objects.count() > 10, "and the script did something"
