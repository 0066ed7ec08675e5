"""Invariant 9: no file that a row refers to is ever gone, and at last none is left over.

Rows take files, replace them, let go of them and are deleted, in any order, and any of it may
be rolled back.
"""

from contextlib import suppress
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from accounts.models import User, UserProfile
from accounts.services import update_profile
from blog.models import Post
from blog.services import create_post, delete_post, edit_post
from media.files import is_referenced
from media.pictures import originals
from media.renditions import rendition_name
from signalflow.models import Delivery
from signalflow.testing import Crash, assert_nothing_left, failpoint, run_deliveries
from tests.cast import person
from tests.snapshots import files, picture

pytestmark = pytest.mark.django_db(transaction=True)

commit = st.booleans()
number = st.integers(0, 5)
image = st.sampled_from(["red", "blue", ""])  # "" clears
READERS = ("rita", "moss")


class Undone(Exception):
    pass


def upload(colour: str) -> Any:
    return picture(colour) if colour else ""


def referenced() -> set[str]:
    held = [
        *Post.objects.values_list("image", flat=True),
        *UserProfile.objects.values_list("avatar", flat=True),
    ]
    return {name for name in held if name}


def offered() -> set[str]:
    """The renditions that pages name."""
    rows = [
        *Post.objects.values_list("image", "image_renditions"),
        *UserProfile.objects.values_list("avatar", "avatar_renditions"),
    ]
    return {
        rendition_name(name, width, kind)
        for name, facts in rows
        if name and facts.get("of") == name
        for width in facts.get("widths", [])
        for kind in facts["formats"]
    }


class FilesMachine(RuleBasedStateMachine):
    @initialize()
    def begin(self) -> None:
        Post.objects.all().delete()
        User.objects.all().delete()
        self.ada = person("ada", "Author")

    def attempt(self, act: Any, *, commit: bool) -> None:
        before = referenced()
        with suppress(Undone), transaction.atomic():
            act()
            if not commit:
                raise Undone
        if not commit:
            assert referenced() == before

    def post(self, number: int) -> Post | None:
        rows = list(Post.objects.order_by("pk"))
        return rows[number % len(rows)] if rows else None

    @rule(colour=image, commit=commit)
    def write(self, colour: str, commit: bool) -> None:
        self.attempt(
            lambda: create_post(self.ada, title="On mirrors", image=upload(colour)), commit=commit
        )

    @rule(number=number, colour=image, twice=st.booleans(), commit=commit)
    def set_image(self, number: int, colour: str, twice: bool, commit: bool) -> None:
        if (post := self.post(number)) is None:
            return

        def act() -> None:
            for each in [colour, "green"] if twice else [colour]:
                version = Post.objects.get(pk=post.pk).version
                edit_post(post, by=None, version=version, image=upload(each))

        self.attempt(act, commit=commit)

    @rule(first=number, second=number, commit=commit)
    def share_image(self, first: int, second: int, commit: bool) -> None:
        """Two rows with one file, as a restored revision or an import may have it."""
        one, other = self.post(first), self.post(second)
        if one and other and one.image:
            self.attempt(
                lambda: edit_post(other, by=None, version=other.version, image=one.image.name),
                commit=commit,
            )

    @rule(name=st.sampled_from(READERS), colour=image, commit=commit)
    def set_avatar(self, name: str, colour: str, commit: bool) -> None:
        user = User.objects.filter(username=name).first() or person(name)
        self.attempt(lambda: update_profile(user, avatar=upload(colour)), commit=commit)

    @rule(number=number, by_queryset=st.booleans(), commit=commit)
    def remove_post(self, number: int, by_queryset: bool, commit: bool) -> None:
        if (post := self.post(number)) is None:
            return
        rows = Post.objects.filter(pk=post.pk)
        act = rows.delete if by_queryset else lambda: delete_post(post, by=None)
        self.attempt(act, commit=commit)

    @rule(name=st.sampled_from(READERS), commit=commit)
    def remove_user(self, name: str, commit: bool) -> None:
        self.attempt(lambda: User.objects.filter(username=name).delete(), commit=commit)

    @rule()
    def work(self) -> None:
        run_deliveries()

    @rule(files_written=st.integers(1, 3))
    def work_until_a_crash(self, files_written: int) -> None:
        count = iter(range(files_written))

        def crash() -> None:
            if next(count, None) is None:
                raise Crash

        with suppress(Crash), failpoint("rendition written", crash):
            run_deliveries()

    @rule()
    def collect_garbage(self) -> None:
        """Whatever is under way: a young file is left alone."""
        before = files()
        call_command("media_gc", hours=1)
        assert files() == before

    @invariant()
    def every_file_is_there(self) -> None:
        for name in referenced():
            assert default_storage.exists(name), name

    @invariant()
    def every_rendition_that_is_offered_is_there(self) -> None:
        for name in offered():
            assert default_storage.exists(name), name

    def teardown(self) -> None:
        Delivery.objects.filter(state="running").update(available_at=timezone.now())
        run_deliveries(even_later=True)
        assert_nothing_left()
        call_command("media_gc", hours=-1)  # an hour ahead: everything is old enough
        self.every_file_is_there()
        left = [name for name in files() if not is_referenced(name)]
        assert not left, "what nobody refers to is gone"
        assert not originals(lacking=True), "and every row knows its renditions"
        assert {*files()} == {*referenced(), *offered()}


def test_files_live_as_long_as_their_rows(settings: Any, tmp_path: Any, capsys: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    run_state_machine_as_test(FilesMachine, settings=BOUNDED)


BOUNDED = settings(
    deadline=None,
    derandomize=True,
    max_examples=25,
    stateful_step_count=16,
    suppress_health_check=[HealthCheck.too_slow],
)
