"""The traps of Django's signals, tried: the naive form fails as described, ours holds.

Each test shows first what plain Django does, then the right form.  The numbers in the
docstrings are those of the behaviours in docs/signals.
"""

import gc
import json
import threading
import time
from contextlib import contextmanager, suppress
from datetime import timedelta
from functools import partial
from typing import Any
from unittest import mock

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import F
from django.db.models.signals import m2m_changed, post_delete, post_save
from django.dispatch import Signal
from django.utils import timezone

from accounts import receivers as account_receivers
from accounts.models import User, UserProfile
from accounts.services import profile_of, update_profile
from accounts.signals import email_changed
from blog import services
from blog.models import Post, Tag
from blog.signals import post_published, post_tags_changed
from signalflow import AFTER_COMMIT, DomainSignal, RegistrationError, muted, receiver, registry
from signalflow.testing import captured
from tests.threads import together

pytestmark = pytest.mark.django_db(transaction=True)

happened = DomainSignal("Something happened.", what=str)


@contextmanager
def naive(signal: Signal, function: Any, **options: Any):
    """Plain Django: a receiver connected for the length of a block."""
    signal.connect(function, weak=False, **options)
    try:
        yield
    finally:
        signal.disconnect(function, **options)


@contextmanager
def ours(signal: Any, function: Any, **options: Any):
    uid = f"test.trap.{function!r}"
    receiver(signal, uid=uid, **options)(function)
    try:
        yield
    finally:
        registry.forget(uid)


def fail(**kwargs: Any) -> None:
    raise RuntimeError("the mirror broke")


def groups() -> set[str]:
    roles = ["Author", "Editor", "Moderator", "Administrator"]
    return set(Group.objects.exclude(name__in=roles).values_list("name", flat=True))


# -- transactions -----------------------------------------------------------------------------


def test_a_failing_receiver_in_autocommit_leaves_half_a_user() -> None:
    """1: the row stays, the later receivers never ran; a door's transaction undoes both."""
    with naive(post_save, fail, sender=Group):
        with suppress(RuntimeError):
            Group.objects.create(name="half made")
        with suppress(RuntimeError), transaction.atomic():
            Group.objects.create(name="undone")
    assert groups() == {"half made"}
    user = User.objects.bulk_create([User(username="ada", email="ada@example.org")])[0]
    assert not UserProfile.objects.filter(user=user).exists()
    assert profile_of(user).user == user, "and where no signal was sent, the profile heals"


@pytest.mark.expects_errors
def test_send_robust_hides_a_transaction_that_rolled_back() -> None:
    """One database error poisons the block: it ends without exception, everything is gone."""

    def break_a_constraint(**kwargs: Any) -> None:
        Group.objects.create(name="first")

    plain = Signal()
    with naive(plain, break_a_constraint), transaction.atomic():
        Group.objects.create(name="first")
        plain.send_robust(sender=None)
    assert groups() == set(), "no exception, and no row"
    with ours(happened, break_a_constraint), transaction.atomic():
        Group.objects.create(name="first")
        happened.send_robust(sender=None, what="")
    assert groups() == {"first"}


def test_one_failing_on_commit_callback_stops_the_rest(logged_errors) -> None:
    seen: list[str] = []
    with suppress(RuntimeError), transaction.atomic():
        transaction.on_commit(fail)
        transaction.on_commit(lambda: seen.append("naive"))
    assert seen == []
    with ours(happened, fail, when=AFTER_COMMIT):
        uid = "test.trap.note"
        receiver(happened, uid=uid, when=AFTER_COMMIT)(lambda what, **kwargs: seen.append(what))
        with transaction.atomic():
            happened.send(sender=None, what="ours")
        registry.forget(uid)
    assert seen == ["ours"]
    logged_errors.clear()


def test_a_robust_callback_without_a_name_leaks_another_error() -> None:
    """`robust=True` logs by `__qualname__`, which a partial has not."""
    with pytest.raises(AttributeError), transaction.atomic():
        transaction.on_commit(partial(fail), robust=True)


def test_on_commit_in_autocommit_comes_before_the_other_receivers() -> None:
    order: list[str] = []

    def later(**kwargs: Any) -> None:
        transaction.on_commit(lambda: order.append("on_commit"))

    with (
        naive(post_save, later, sender=Group),
        naive(post_save, lambda **kwargs: order.append("receiver"), sender=Group),
    ):
        Group.objects.create(name="autocommit")
    assert order == ["on_commit", "receiver"]


def test_a_deleted_rows_key_is_none_after_the_commit() -> None:
    """11: values must be taken when the signal is sent."""
    keys: dict[str, Any] = {}

    def naively(instance: Group, **kwargs: Any) -> None:
        transaction.on_commit(lambda: keys.update(naive=instance.pk))

    group = Group.objects.create(name="gone")
    pk = group.pk
    with (
        naive(post_delete, naively, sender=Group),
        ours(
            post_delete,
            lambda instance, **kwargs: keys.update(ours=instance.pk),
            sender=Group,
            when=AFTER_COMMIT,
        ),
        transaction.atomic(),
    ):
        group.delete()
    assert keys == {"naive": None, "ours": pk}


def test_a_whole_row_save_reverts_what_others_wrote(write, ada) -> None:
    """2, 21: the reason why the profile is not saved with its user, nor a post whole."""
    stale = write("Old title")
    Post.objects.update(title="New title")
    stale.save()
    assert Post.objects.get().title == "Old title", "naive: the editor's title is lost"
    Post.objects.update(title="New title")
    services.publish(stale, by=ada)
    assert Post.objects.get().title == "New title"

    user = User.objects.get(pk=ada.pk)
    assert user.profile.display_name == ""
    update_profile(User.objects.get(pk=ada.pk), display_name="Ada L.")
    with naive(post_save, lambda instance, **kwargs: instance.profile.save(), sender=User):
        user.save(update_fields=["last_login"])
    assert profile_of(User.objects.get(pk=ada.pk)).display_name == "", "naive: login reverts it"
    update_profile(User.objects.get(pk=ada.pk), display_name="Ada L.")
    user.save(update_fields=["last_login"])
    assert profile_of(User.objects.get(pk=ada.pk)).display_name == "Ada L."


# -- what no signal tells -----------------------------------------------------------------------


def test_many_writes_send_nothing_and_reconcile_finds_them(write, ada, capsys) -> None:
    post = write(tags=["sun"])
    with captured(post_save, m2m_changed) as sent:
        Post._base_manager.update(status="published", published_at=timezone.now())
        User.objects.bulk_create([User(username="bulk", email="bulk@example.org")])
        Post.objects.bulk_update([post], ["title"])
        Post.tags.through.objects.create(post=post, tag=Tag.objects.create(name="x", slug="x"))
    assert [e for e in sent if e.sender in {Post, User, Post.tags.through}] == []
    with pytest.raises(CommandError, match="differences found"):
        call_command("reconcile", "--check")
    out = capsys.readouterr().out
    for sentence in ("tag sun: 0", "tag x: 0", "author", "user bulk: no", "search index"):
        assert sentence in out
    call_command("reconcile")
    call_command("reconcile", "--check")
    assert "0 differences" in capsys.readouterr().out


def test_deleting_a_tag_unlinks_posts_in_silence(write) -> None:
    write(tags=["sun"])
    with captured(m2m_changed) as naively, captured(post_tags_changed) as sent:
        Tag.objects.get().delete()
    assert naively == []
    assert sent[0].arguments["post_ids"] == [Post.objects.get().pk]


def test_m2m_changed_speaks_with_many_tongues(write) -> None:
    """12, 13: `clear` names no keys, and from the tag's side the instance is the tag."""
    post = write(tags=["sun"])
    sun = Tag.objects.get()
    with captured(m2m_changed) as raw, captured(post_tags_changed) as sent:
        post.tags.clear()
        sun.posts.add(post)
        sun.posts.set([])
    assert raw[0].arguments["pk_set"] is None
    assert [e.arguments["instance"] for e in raw] == [post, post, sun, sun, sun, sun]
    assert [e.arguments for e in sent] == [{"post_ids": [post.pk], "tag_ids": [sun.pk]}] * 3


def test_loaddata_is_silent_and_the_identity(write, tmp_path) -> None:
    """Invariant 10; and 1: no second profile for a user whose profile is in the file."""
    write(tags=["sun"], public=True)
    file, again = tmp_path / "site.json", tmp_path / "again.json"
    models = ["accounts", "blog", "comments"]
    call_command("dumpdata", *models, output=str(file), verbosity=0)
    calls: list[str] = []
    Post.objects.all().delete()
    Tag.objects.all().delete()
    with naive(m2m_changed, lambda **kwargs: calls.append("naive"), sender=Post.tags.through):
        with captured(post_published, post_tags_changed) as sent:
            call_command("loaddata", str(file), verbosity=0)
    assert calls, "m2m_changed does not say that it comes from a fixture"
    assert sent == []
    call_command("dumpdata", *models, output=str(again), verbosity=0)
    assert json.loads(file.read_text()) == json.loads(again.read_text())


def test_an_email_change_is_found_whatever_was_saved(ada) -> None:
    """16: `update_fields` naming the field is no change, and None means every field."""
    with captured(email_changed) as sent:
        ada.save(update_fields=["email"])
        ada.email = "light@example.org"
        ada.save(update_fields=["last_login"])
        assert sent == []
        ada.save()
    (change,) = sent
    assert (change.arguments["old"], change.arguments["new"]) == (
        "ada@example.org",
        "light@example.org",
    )


# -- registration -------------------------------------------------------------------------------


def test_a_nested_function_vanishes_unless_somebody_keeps_it() -> None:
    plain, seen = Signal(), []

    def connect_nested(connect: Any) -> None:
        def nested(**kwargs: Any) -> None:
            seen.append(connect)

        connect(nested)

    connect_nested(plain.connect)
    gc.collect()
    plain.send(sender=None)
    assert seen == []
    connect_nested(receiver(happened, uid="test.trap.nested"))
    gc.collect()
    happened.send(sender=None, what="")
    registry.forget("test.trap.nested")
    assert len(seen) == 1


def test_a_dispatch_uid_used_twice_drops_the_second_receiver() -> None:
    plain, seen = Signal(), []
    first, second = (lambda n: lambda **kwargs: seen.append(n))(1), lambda **kwargs: seen.append(2)
    plain.connect(first, dispatch_uid="same")
    plain.connect(second, dispatch_uid="same")
    plain.send(sender=None)
    assert seen == [1]

    def one(**kwargs: Any) -> None: ...
    def two(**kwargs: Any) -> None: ...

    with ours(happened, one), pytest.raises(RegistrationError, match="is taken by"):
        receiver(happened, uid=f"test.trap.{one!r}")(two)


def test_a_name_in_quotes_is_a_sender_for_model_signals_only() -> None:
    plain, seen = Signal(), []
    plain.connect(lambda **kwargs: seen.append(1), sender="auth.Group", weak=False)
    plain.send(sender=Group)
    assert seen == [], "naive: connected to a string nobody sends"
    with pytest.raises(RegistrationError, match="model signals only"):
        receiver(plain, sender="auth.Group")(one_that_hears)


def one_that_hears(**kwargs: Any) -> None: ...


def test_a_proxys_saves_are_another_senders() -> None:
    class Keepers(Group):
        class Meta:
            proxy = True
            app_label = "auth"

    seen: list[Any] = []
    with naive(post_save, lambda sender, **kwargs: seen.append(sender), sender=Group):
        Keepers.objects.create(name="by proxy")
    assert seen == []


def test_disconnecting_by_sender_alone_does_nothing() -> None:
    """31: say which receiver, and look at the answer."""
    plain = Signal()
    plain.connect(one_that_hears, sender=Group)
    assert plain.disconnect(sender=Group) is False
    assert plain.disconnect(one_that_hears, sender=Group) is True


def test_patching_a_module_silences_nothing(ada) -> None:
    """33: the registered function still runs; `muted` is what a test wants."""
    with mock.patch.object(account_receivers, "give_profile_and_preferences") as patched:
        User.objects.create_user("patched", "patched@example.org")
    assert not patched.called
    assert UserProfile.objects.filter(user__username="patched").exists()
    with muted(account_receivers.give_profile_and_preferences, reason="this test"):
        User.objects.create_user("muted", "muted@example.org")
    assert not UserProfile.objects.filter(user__username="muted").exists()


def test_a_process_wide_silence_reaches_other_threads() -> None:
    """32: `disconnect` silences everybody; `muted` only the context that asked for it."""
    plain, seen = Signal(), []

    def note(what: str = "", **kwargs: Any) -> None:
        seen.append(what or "naive")

    def in_a_thread(send: Any) -> None:
        thread = threading.Thread(target=send)
        thread.start()
        thread.join()

    plain.connect(note)
    plain.disconnect(note)
    in_a_thread(lambda: plain.send(sender=None))
    plain.connect(note)
    assert seen == []
    with ours(happened, note), muted(note, reason="only here"):
        in_a_thread(lambda: happened.send(sender=None, what="ours"))
    assert seen == ["ours"]


# -- races --------------------------------------------------------------------------------------


def test_check_then_act_publishes_twice(write) -> None:
    """21, 26: two overlapping cron runs over five due posts."""
    for n in range(5):
        write(str(n))
    due = {"status": "scheduled", "publish_at": timezone.now() - timedelta(minutes=1)}
    naive_signal, emissions = Signal(), []
    naive_signal.connect(lambda post, **kwargs: emissions.append(post), weak=False)
    barrier = threading.Barrier(2)

    def naive_run() -> None:
        found = list(Post.objects.due(timezone.now()))
        barrier.wait(10)
        for post in found:
            Post._base_manager.filter(pk=post.pk).update(
                status="published", published_at=post.publish_at
            )
            naive_signal.send(sender=Post, post=post)

    Post._base_manager.update(**due)
    together(naive_run, naive_run)
    assert len(emissions) == 10
    Post._base_manager.update(**due)
    with captured(post_published) as sent:
        together(services.publish_due, services.publish_due)
    assert len(sent) == 5


@pytest.mark.postgres
def test_a_recount_in_one_statement_is_wrong(write) -> None:
    """13: two transactions each publish a post of one tag; only lock-then-count finds both."""
    posts = [write(str(n), tags=["sun"]) for n in range(2)]
    tag = Tag.objects.get()

    def recount_at_once() -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE blog_tag SET post_count = (SELECT count(*) FROM blog_post p JOIN "
                "blog_post_tags t ON t.post_id = p.id WHERE t.tag_id = blog_tag.id AND "
                "p.status = 'published')"
            )

    second_may_begin = threading.Event()

    def naively(post: Post) -> None:
        first = post == posts[0]
        with transaction.atomic():
            Post._base_manager.filter(pk=post.pk).update(
                status="published", published_at=timezone.now()
            )
            if not first:
                assert second_may_begin.wait(10)
            recount_at_once()  # the second one waits here for the first one's row lock
            if first:
                second_may_begin.set()
                time.sleep(0.5)

    together(*[partial(naively, post) for post in posts])
    tag.refresh_from_db()
    assert tag.post_count == 1

    def publish(post: Post) -> None:
        services.publish(Post.objects.get(pk=post.pk), by=None)

    Post._base_manager.update(status="draft")
    Tag.objects.update(post_count=0)
    together(*[partial(publish, post) for post in posts])
    tag.refresh_from_db()
    assert tag.post_count == 2


def test_adding_and_subtracting_ends_below_zero() -> None:
    """13: a missed or repeated event makes a counter wrong for ever; the constraint is loud."""
    Tag.objects.create(name="sun", slug="sun")
    with pytest.raises((IntegrityError, DatabaseError)):
        Tag.objects.update(post_count=F("post_count") - 1)
