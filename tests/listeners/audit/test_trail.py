"""One readable entry for each committed change, and none for what was taken back."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from django.db import transaction

from accounts.models import User
from accounts.services import announce_registration, update_preferences, update_profile
from blog import services
from blog.models import Post, Tag
from comments.models import Comment
from comments.services import approve_comment, import_comment, reject_comment, submit_comment
from listeners.audit.models import AuditEntry
from signalflow.testing import run_deliveries
from tests.listeners.audit.conftest import SOON

pytestmark = pytest.mark.django_db(transaction=True)


def new_address(user: User) -> None:
    user.email = "new@example.org"
    user.save()


def new_password(user: User) -> None:
    user.set_password("another horse")
    user.save()


def feature_and_not(w: dict[str, Any]) -> None:
    services.feature(w["public"], by=w["edith"])
    services.unfeature(w["public"], by=w["edith"])


# What is done, who did it, and the entries it leaves: verb, target.
DOORS: dict[str, tuple[Callable[[dict[str, Any]], Any], list[tuple[str, str]]]] = {
    "begin": (
        lambda w: services.create_post(w["ada"], title="New", body="x"),
        [("created", "New")],
    ),
    "edit": (
        lambda w: services.edit_post(w["draft"], by=w["ada"], version=1, body="y"),
        [("edited", "On mirrors")],
    ),
    "edit nothing": (
        lambda w: services.edit_post(w["draft"], by=w["ada"], version=1, title="On mirrors"),
        [],
    ),
    "publish": (
        lambda w: services.publish(w["draft"], by=w["ada"]),
        [("published", "On mirrors")],
    ),
    "publish again": (lambda w: services.publish(w["public"], by=w["ada"]), []),
    "withdraw": (
        lambda w: services.unpublish(w["public"], by=w["ada"]),
        [("withdrew", "On light")],
    ),
    "plan": (
        lambda w: services.schedule(w["draft"], by=w["ada"], at=SOON),
        [("scheduled", "On mirrors")],
    ),
    "unplan": (
        lambda w: services.unschedule(w["planned"], by=w["ada"]),
        [("unscheduled", "On shade")],
    ),
    "cron": (
        lambda w: services.publish_due(SOON + timedelta(days=1)),
        [("published", "On shade")],
    ),
    "in bulk": (
        lambda w: services.bulk_publish([w["draft"], w["public"]], by=w["ada"]),
        [("published", "On mirrors")],
    ),
    "feature": (feature_and_not, [("featured", "On light"), ("unfeatured", "On light")]),
    "hand over": (
        lambda w: services.hand_over(w["public"], by=w["edith"], to=w["edith"]),
        [("handed over", "On light")],
    ),
    "import": (
        lambda w: services.import_post(w["ada"], title="Old", body="x", source="wp:1"),
        [("imported", "Old")],
    ),
    "delete": (
        lambda w: services.delete_post(w["draft"], by=w["ada"]),
        [("deleted", "On mirrors")],
    ),
    "comment": (
        lambda w: submit_comment(w["public"], author=w["rita"], body="Yes"),
        [("submitted", "rita on {public}")],
    ),
    "import comment": (
        lambda w: import_comment(w["public"], body="x", parent=None, author_name="Guest"),
        [("imported", "Guest on {public}")],
    ),
    "approve": (
        lambda w: approve_comment(w["comment"], by=None),
        [("approved", "rita on {public}")],
    ),
    "reject": (
        lambda w: reject_comment(w["comment"], by=None, verdict="spam"),
        [("rejected", "rita on {public}")],
    ),
    "delete comment": (lambda w: w["comment"].delete(), [("deleted", "rita on {public}")]),
    "new tag": (lambda w: Tag.find_or_create(["moon"]), [("created", "moon")]),
    "known tag": (lambda w: Tag.find_or_create(["SUN"]), []),
    "delete tag": (lambda w: w["tag"].delete(), [("deleted", "sun")]),
    "profile": (
        lambda w: update_profile(w["rita"], bio="Reader"),
        [("changed the profile of", "rita")],
    ),
    "same profile": (lambda w: update_profile(w["rita"], bio=""), []),
    "settings": (
        lambda w: update_preferences(w["rita"], theme="dark"),
        [("changed the settings of", "rita")],
    ),
    "address": (
        lambda w: new_address(w["rita"]),
        [("changed the e-mail address of", "rita")],
    ),
    "name": (
        lambda w: User.objects.update_or_create(username="rita", defaults={"last_name": "R."}),
        [("renamed", "rita")],
    ),
    "password": (
        lambda w: new_password(w["rita"]),
        [("changed the password of", "rita")],
    ),
    "same password, hashed anew": (
        lambda w: (w["rita"].check_password("correct horse"), w["rita"].save()),
        [],
    ),
    "further address": (
        lambda w: w["rita"].emailaddress_set.create(email="new@example.org"),
        [("added an e-mail address to", "rita")],
    ),
    "join a group": (
        lambda w: w["rita"].groups.add(Group.objects.get(name="Author")),
        [("changed the rights of", "rita")],
    ),
    "leave all groups": (
        lambda w: w["ada"].groups.clear(),
        [("changed the rights of", "ada")],
    ),
    "members of a group": (
        lambda w: Group.objects.get(name="Moderator").user_set.set([w["rita"], w["ada"]]),
        [("changed the rights of", "ada"), ("changed the rights of", "rita")],
    ),
    "rights of a group": (
        lambda w: Group.objects.get(name="Author").permissions.clear(),
        [("changed the rights of", "Author")],
    ),
    "make superuser": (
        lambda w: User.objects.update_or_create(username="rita", defaults={"is_superuser": True}),
        [("changed the rights of", "rita")],
    ),
    "delete group": (
        lambda w: Group.objects.get(name="Author").delete(),
        [("deleted", "Author")],
    ),
    "register": (lambda w: announce_registration(w["rita"]), [("registered", "rita")]),
    "delete user": (lambda w: w["rita"].delete(), [("deleted", "rita")]),
}


def entries_of(act: Callable[[], Any]) -> list[tuple[str, str]]:
    before = AuditEntry.objects.count()
    act()
    rows = AuditEntry.objects.order_by("pk").values_list("verb", "target_label")
    return list(rows)[before:]


@pytest.mark.parametrize("door", DOORS)
def test_each_change_leaves_one_entry(world, door) -> None:
    act, expected = DOORS[door]
    named = [(verb, label.format(public=world["public"].pk)) for verb, label in expected]
    assert entries_of(lambda: act(world)) == named
    assert entries_of(run_deliveries) == [], "and no worker adds another"


@pytest.mark.parametrize("door", DOORS)
def test_what_is_rolled_back_leaves_none(world, door) -> None:
    def undone() -> None:
        with pytest.raises(RuntimeError), transaction.atomic():
            DOORS[door][0](world)
            raise RuntimeError

    assert entries_of(undone) == []
    assert entries_of(run_deliveries) == []


@pytest.mark.parametrize("door", DOORS)
def test_a_change_that_cannot_be_recorded_does_not_happen(world, door, monkeypatch) -> None:
    act, expected = DOORS[door]
    if not expected or door in {"cron", "in bulk"}:  # which go on with the next post
        return
    tables = (Post, Comment, Tag, User, Group, User.groups.through, EmailAddress)
    before = [list(table.objects.order_by("pk").values()) for table in tables]

    def full(*args: Any, **kwargs: Any) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(AuditEntry, "save", full)
    with pytest.raises(OSError, match="no space"), transaction.atomic():
        act(world)
    monkeypatch.undo()
    assert [list(table.objects.order_by("pk").values()) for table in tables] == before
