"""Roles are made once; what an administrator takes away stays away."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command

from accounts.models import User
from tests.cast import person

pytestmark = pytest.mark.django_db(transaction=True)


def rights(name: str) -> set[str]:
    rows = Group.objects.get(name=name).permissions.select_related("content_type")
    return {f"{row.content_type.app_label}.{row.codename}" for row in rows}


def test_every_role_has_the_rights_the_settings_give_it(settings) -> None:
    assert {name: rights(name) for name in settings.ROLES} == {
        name: set(labels) for name, labels in settings.ROLES.items()
    }


def test_migrating_again_gives_nothing_back() -> None:
    editor = Group.objects.get(name="Editor")
    editor.permissions.remove(Permission.objects.get(codename="feature_post"))
    Group.objects.get(name="Moderator").permissions.clear()
    call_command("migrate", verbosity=0)
    call_command("migrate", "accounts", verbosity=0)
    assert "blog.feature_post" not in rights("Editor")
    assert rights("Moderator") == set()
    assert Group.objects.count() == 4


def test_a_role_that_was_deleted_comes_back_whole() -> None:
    before = rights("Author")
    Group.objects.filter(name="Author").delete()
    Permission.objects.filter(codename="add_post").delete()  # as before auth's own receiver ran
    call_command("migrate", verbosity=0)
    assert rights("Author") == before


def test_a_group_of_the_administrators_own_is_left_alone() -> None:
    Group.objects.create(name="Guests")
    call_command("migrate", verbosity=0)
    assert rights("Guests") == set()


def test_a_role_taken_away_is_gone_with_the_next_request(client, write) -> None:
    nina = person("nina", "Author")
    client.force_login(nina)
    assert client.get("/studio/").status_code == 200
    nina.groups.clear()
    assert client.get("/studio/").status_code == 403
    User.objects.filter(pk=nina.pk).update(is_active=False)
    assert client.get("/studio/").status_code == 302
    assert client.get("/accounts/profile/").status_code == 302
