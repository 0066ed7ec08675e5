"""Whatever people do, in whatever order, undone or not: at rest every number is true."""

from collections import Counter
from contextlib import suppress
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from accounts.models import User, UserProfile
from blog.listing import entries
from blog.listing.counts import count_by_month, count_posts
from blog.listing.names import SITE, of_tag
from blog.listing.paging import PublicList
from blog.models import Post, Tag
from blog.months import month_of
from blog.services import (
    Refused,
    create_post,
    delete_post,
    edit_post,
    hand_over,
    publish,
    unpublish,
)
from comments.models import Comment
from comments.services import approve_comment, reject_comment, submit_comment
from listeners.audit.models import AuditEntry
from listeners.search.models import Document
from signalflow.testing import run_deliveries
from tests.cast import person

pytestmark = pytest.mark.django_db(transaction=True)

TAGS = ("sun", "mirror", "code")
any_row = st.integers(0, 9)
some_tags = st.sets(st.sampled_from(TAGS))
commit = st.booleans()


class Undone(Exception):
    pass


def pick(rows: Any, number: int) -> Any:
    rows = list(rows.order_by("pk"))
    return rows[number % len(rows)]


class BlogMachine(RuleBasedStateMachine):
    @initialize()
    def begin(self) -> None:
        Post.objects.all().delete()
        Tag.objects.all().delete()
        User.objects.all().delete()
        self.ada, self.bruno = (person(name, "Author") for name in ("ada", "bruno"))
        Tag.find_or_create(TAGS)

    def attempt(self, act: Any, *, commit: bool) -> None:
        """Do something that may be refused, and perhaps take it back."""
        entries = AuditEntry.objects.count()
        with suppress(Undone, Refused), transaction.atomic():
            act()
            if not commit:
                raise Undone
        if not commit:
            assert AuditEntry.objects.count() == entries, "no entry of what was rolled back"

    @rule(tags=some_tags, commit=commit)
    def begin_post(self, tags: set[str], commit: bool) -> None:
        rows = list(Tag.objects.filter(name__in=tags))
        self.attempt(
            lambda: create_post(self.ada, title="On mirrors", body="Light.", tags=rows),
            commit=commit,
        )

    @precondition(lambda self: Post.objects.exists())
    @rule(number=any_row, what=st.sampled_from([publish, unpublish, delete_post]), commit=commit)
    def change_state(self, number: int, what: Any, commit: bool) -> None:
        self.attempt(lambda: what(pick(Post.objects, number), by=None), commit=commit)

    @precondition(lambda self: Post.objects.exists())
    @rule(number=any_row, to_bruno=st.booleans(), commit=commit)
    def give_away(self, number: int, to_bruno: bool, commit: bool) -> None:
        to = self.bruno if to_bruno else self.ada
        self.attempt(lambda: hand_over(pick(Post.objects, number), by=None, to=to), commit=commit)

    @precondition(lambda self: Post.objects.exists())
    @rule(number=any_row, tags=some_tags, commit=commit)
    def retag_by_edit(self, number: int, tags: set[str], commit: bool) -> None:
        post = pick(Post.objects, number)
        rows = list(Tag.objects.filter(name__in=tags))
        self.attempt(
            lambda: edit_post(post, by=None, version=post.version, tags=rows), commit=commit
        )

    @precondition(lambda self: Post.objects.exists() and Tag.objects.exists())
    @rule(
        number=any_row,
        tag=any_row,
        act=st.sampled_from(["add", "remove", "set", "clear"]),
        from_tag=st.booleans(),
        commit=commit,
    )
    def retag_directly(self, number: int, tag: int, act: str, from_tag: bool, commit: bool) -> None:
        post, label = pick(Post.objects, number), pick(Tag.objects, tag)
        links, other = (label.posts, post) if from_tag else (post.tags, label)
        arguments = {"add": [other], "remove": [other], "set": [[other]], "clear": []}[act]
        self.attempt(lambda: getattr(links, act)(*arguments), commit=commit)

    @precondition(lambda self: Tag.objects.count() > 1)
    @rule(tag=any_row, commit=commit)
    def delete_tag(self, tag: int, commit: bool) -> None:
        self.attempt(lambda: pick(Tag.objects, tag).delete(), commit=commit)

    @precondition(lambda self: Post.objects.exists())
    @rule(number=any_row, commit=commit)
    def comment(self, number: int, commit: bool) -> None:
        post = pick(Post.objects, number)
        self.attempt(lambda: submit_comment(post, author=self.ada, body="Yes."), commit=commit)

    @precondition(lambda self: Comment.objects.exists())
    @rule(
        number=any_row, act=st.sampled_from(["approve", "spam", "trash", "delete"]), commit=commit
    )
    def moderate(self, number: int, act: str, commit: bool) -> None:
        comment = pick(Comment.objects, number)
        acts = {
            "approve": lambda: approve_comment(comment, by=None),
            "spam": lambda: reject_comment(comment, by=None, verdict="spam"),
            "trash": lambda: reject_comment(comment, by=None, verdict="trash"),
            "delete": comment.delete,
        }
        self.attempt(acts[act], commit=commit)

    @invariant()
    def every_number_is_true(self) -> None:
        """Even before any worker ran: counts are tried right after the commit."""
        for tag in Tag.objects.all():
            assert tag.post_count == Post.objects.published().filter(tags=tag).count()
        for profile in UserProfile.objects.select_related("user"):
            posts = Post.objects.published().filter(author=profile.user)
            assert profile.post_count == posts.count()
            newest = posts.order_by("-published_at").values_list("published_at", flat=True).first()
            assert profile.last_published_at == newest
        for post in Post.objects.all():
            assert post.comment_count == post.comments.filter(status="approved").count()

    @invariant()
    def every_list_has_its_posts_and_their_number(self) -> None:
        assert entries.find_wrong() == {}
        for tag in Tag.objects.all():
            posts = Post.objects.published().filter(tags=tag)
            shown = PublicList(of_tag(tag.pk), Post.objects.published(), 3)
            assert shown.newest() == list(posts[:3])
            assert count_posts(shown.name) == posts.count()
        public = Post.objects.published().values_list("published_at", flat=True)
        assert count_posts(SITE) == len(public)
        assert dict(count_by_month()) == Counter(map(month_of, public))

    @invariant()
    def the_index_holds_just_the_public_posts(self) -> None:
        public = set(Post.objects.published().values_list("pk", flat=True))
        assert set(Document.objects.values_list("pk", flat=True)) == public

    def teardown(self) -> None:
        run_deliveries(even_later=True)
        call_command("reconcile", "--check")


def test_numbers_are_true_after_anything() -> None:
    run_state_machine_as_test(
        BlogMachine,
        settings=settings(
            deadline=None,
            max_examples=25,
            stateful_step_count=20,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
