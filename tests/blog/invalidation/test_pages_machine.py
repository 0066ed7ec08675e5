"""Invariant 7: whoever reads after a change has ended reads no older page, whatever came before."""

from contextlib import suppress
from typing import Any
from unittest import mock

import pytest
from django.test import Client
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

import pagecache
from accounts.models import User
from accounts.services import update_profile
from blog.models import Post, Tag
from blog.services import (
    Refused,
    create_post,
    delete_post,
    edit_post,
    feature,
    hand_over,
    publish,
    unfeature,
    unpublish,
)
from comments.models import Comment
from comments.services import approve_comment, reject_comment, submit_comment
from pagecache import freshness
from pagecache.generations import Unreachable
from signalflow.testing import run_deliveries
from tests.cast import person

pytestmark = pytest.mark.django_db(transaction=True)

SURFACES = ("/", "/tags/sun/", "/authors/ada/", "/feed/")
number = st.integers(0, 5)
word = st.sampled_from(["mirrors", "light", "shade"])


def pick(rows: Any, number: int) -> Any:
    rows = list(rows.order_by("pk"))
    return rows[number % len(rows)] if rows else None


def read(path: str) -> tuple[int, bytes]:
    """What an anonymous reader gets, from the cache where it is kept."""
    answer = Client().get(path)
    return answer.status_code, answer.content


def built(path: str) -> tuple[int, bytes]:
    """The page as the database has it now; the cache is neither asked nor told."""
    with mock.patch.object(freshness, "generations", side_effect=Unreachable):
        return read(path)


POST_ACTS: dict[str, Any] = {
    "publish": lambda machine, post, name: publish(post, by=None),
    "withdraw": lambda machine, post, name: unpublish(post, by=None),
    "feature": lambda machine, post, name: feature(post, by=None),
    "unfeature": lambda machine, post, name: unfeature(post, by=None),
    "delete": lambda machine, post, name: delete_post(post, by=None),
    "edit": lambda machine, post, name: machine.edit(post, name),
    "hand over": lambda machine, post, name: hand_over(post, by=None, to=machine.bruno),
    "clear tags": lambda machine, post, name: post.tags.clear(),
    "comment": lambda machine, post, name: submit_comment(post, author=machine.ada, body=name),
}
TAG_ACTS: dict[str, Any] = {
    "rename the tag": lambda machine, tag, name: machine.rename_tag(tag, name),
    "clear posts": lambda machine, tag, name: tag.posts.clear(),
    "delete the tag": lambda machine, tag, name: tag.delete(),
}
COMMENT_ACTS: dict[str, Any] = {
    "approve": lambda comment: approve_comment(comment, by=None),
    "reject": lambda comment: reject_comment(comment, by=None, verdict="spam"),
    "delete the comment": lambda comment: comment.delete(),
}
ACTS = ["write", "rename the author", *POST_ACTS, *TAG_ACTS, *COMMENT_ACTS]


class PagesMachine(RuleBasedStateMachine):
    @initialize()
    def begin(self) -> None:
        Post.objects.all().delete()
        Tag.objects.all().delete()
        User.objects.all().delete()
        pagecache.clear()
        self.ada, self.bruno = (person(name, "Author") for name in ("ada", "bruno"))
        self.posts: set[str] = set()
        publish(self.write("mirrors"), by=None)

    def write(self, title: str) -> Post:
        post = create_post(
            self.ada, title=title, body="Light.", tags=Tag.find_or_create(["sun", title])
        )
        self.posts.add(post.get_absolute_url())
        return post

    def edit(self, post: Post, title: str) -> None:
        tags = Tag.find_or_create(["sun", title][: len(title) % 3])
        edit_post(post, by=None, version=post.version, title=title, body=title, tags=tags)

    def rename_tag(self, tag: Tag, name: str) -> None:
        if not Tag.objects.filter(name__iexact=f"the {name}").exists():
            tag.name = f"the {name}"
            tag.save()

    # One rule with many names: with a rule for each, most would not have their turn.
    @rule(act=st.sampled_from(ACTS), number=number, name=word)
    def change(self, act: str, number: int, name: str) -> None:
        post, tag = pick(Post.objects, number), pick(Tag.objects, number)
        comment = pick(Comment.objects, number)
        with suppress(Refused):
            if act == "write":
                self.write(name)
            elif act == "rename the author":
                update_profile(self.ada, display_name=name)
            elif act in POST_ACTS and post:
                POST_ACTS[act](self, post, name)
            elif act in TAG_ACTS and tag:
                TAG_ACTS[act](self, tag, name)
            elif act in COMMENT_ACTS and comment:
                COMMENT_ACTS[act](comment)

    @invariant()
    def no_page_is_older_than_the_database(self) -> None:
        """Also before any worker ran: counts are corrected right after the commit.

        Reading them all also keeps them all, for the next change to make old.
        """
        for path in [*SURFACES, *sorted(self.posts)]:
            assert read(path) == built(path), path

    def teardown(self) -> None:
        run_deliveries()
        self.no_page_is_older_than_the_database()


def test_no_reader_sees_an_older_page() -> None:
    run_state_machine_as_test(
        PagesMachine,
        settings=settings(
            deadline=None,
            derandomize=True,
            max_examples=8,
            stateful_step_count=12,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
