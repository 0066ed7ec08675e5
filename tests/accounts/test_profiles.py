"""Everybody has a profile and preferences, and one door changes each of them."""

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import transaction
from django.test import Client

from accounts.models import User, UserPreferences, UserProfile
from accounts.services import preferences_of, profile_of, update_preferences, update_profile
from accounts.signals import preferences_updated, user_profile_updated
from listeners.audit.models import AuditEntry
from signalflow.testing import captured, run_deliveries
from tests.cast import person
from tests.threads import together

pytestmark = pytest.mark.django_db(transaction=True)


def add_by_the_admin(name: str, email: str) -> Any:
    staff = Client()
    boss, _ = User.objects.get_or_create(
        username="root", email="root@example.org", is_staff=True, is_superuser=True
    )
    boss.set_password("correct horse")
    boss.save()
    staff.force_login(boss)
    staff.post("/accounts/reauthenticate/", {"password": "correct horse"})
    form = {"username": name, "email": email, "usable_password": "true"}
    passwords = {"password1": "a long horse", "password2": "a long horse"}
    return staff.post("/admin/accounts/user/add/", form | passwords)


def by_the_admin(name: str) -> User:
    assert add_by_the_admin(name, f"{name}@example.org").status_code == 302
    return User.objects.get(username=name)


WAYS = {
    "create_user": lambda name: User.objects.create_user(name, f"{name}@example.org"),
    "create_superuser": lambda name: User.objects.create_superuser(name, f"{name}@example.org"),
    "get_or_create": lambda name: User.objects.get_or_create(username=name)[0],
    "update_or_create": lambda name: User.objects.update_or_create(username=name)[0],
    "the admin": by_the_admin,
}


@pytest.mark.parametrize("way", WAYS)
def test_whoever_makes_a_user_both_are_there(way) -> None:
    user = WAYS[way]("nina")
    assert UserProfile.objects.filter(user=user).count() == 1
    preferences = UserPreferences.objects.get(user=user)
    assert preferences.email_notifications is True
    assert preferences.theme == "system"
    user.first_name = "Nina"
    user.save()
    assert UserProfile.objects.filter(user=user).count() == 1


def test_the_admin_asks_for_an_address_of_their_own() -> None:
    """Addresses are unique, the empty one too: the second user without one was an error."""
    for email in ("", "root@example.org", "ROOT@example.org"):
        answer = add_by_the_admin("nina", email)
        assert answer.status_code == 200
        assert answer.context["adminform"].form.errors
    assert not User.objects.filter(username="nina").exists()


def test_a_user_whose_creation_is_undone_leaves_nothing() -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        User.objects.create_user("nina", "nina@example.org")
        raise RuntimeError
    assert not UserProfile.objects.exists()
    assert not UserPreferences.objects.exists()


def test_what_bulk_paths_left_out_is_made_when_needed(client) -> None:
    User.objects.bulk_create([User(username="bulk", email="bulk@example.org")])
    user = User.objects.get()
    assert not UserProfile.objects.exists()
    assert profile_of(user).user == user
    assert preferences_of(user).user == user
    assert profile_of(User.objects.get()) == profile_of(user)
    UserProfile.objects.all().delete()
    UserPreferences.objects.all().delete()
    client.force_login(user)
    for page in ("/", "/accounts/profile/", "/accounts/settings/"):
        assert client.get(page).status_code == 200
    assert UserProfile.objects.count() == UserPreferences.objects.count() == 1


def test_two_requests_heal_one_user_once() -> None:
    User.objects.bulk_create([User(username="bulk", email="bulk@example.org")])
    together(*[lambda: profile_of(User.objects.get())] * 4)
    assert UserProfile.objects.count() == 1


def test_reconcile_names_and_heals_what_bulk_paths_left_out(capsys) -> None:
    User.objects.bulk_create([User(username="bulk", email="bulk@example.org")])
    call_command("reconcile")
    assert "user bulk: no user profile" in capsys.readouterr().out
    assert UserPreferences.objects.count() == 1
    call_command("reconcile", "--check")


# -- the door of the profile ------------------------------------------------------------------


def test_only_what_differs_is_changed_and_said(ada) -> None:
    update_profile(ada, bio="I write.")
    with captured(user_profile_updated) as sent:
        assert update_profile(ada, bio="I write.", display_name="Ada L.") == ["display_name"]
        assert update_profile(ada, bio="I write.") == []
    (emission,) = sent
    assert emission.arguments["changed_fields"] == ["display_name"]
    assert emission.arguments["user"] == ada
    assert UserProfile.objects.get(user=ada).display_name == "Ada L."
    assert ada.profile.display_name == "Ada L.", "the caller's own user follows"


@pytest.mark.parametrize("field", ["post_count", "last_published_at", "user_id", "pk"])
def test_statistics_are_not_the_users_to_set(ada, field) -> None:
    with pytest.raises(TypeError, match=f"cannot change {field}"):
        update_profile(ada, **{field: 5})
    assert UserProfile.objects.get(user=ada).post_count == 0


def test_a_value_that_does_not_fit_changes_nothing(ada) -> None:
    for changes in ({"website": "javascript:alert(1)"}, {"display_name": "x" * 101}):
        with captured(user_profile_updated) as sent, pytest.raises(ValidationError):
            update_profile(ada, bio="new", **changes)
        assert not sent
    assert UserProfile.objects.get(user=ada).bio == ""


def test_two_people_change_different_fields_of_one_profile(ada) -> None:
    """Neither writes the other's field back to what it was."""
    for _ in range(5):
        UserProfile.objects.update(bio="", display_name="")
        one, two = User.objects.get(pk=ada.pk), User.objects.get(pk=ada.pk)
        assert (profile_of(one).bio, profile_of(two).display_name) == ("", "")
        together(
            lambda one=one: update_profile(one, bio="I write."),
            lambda two=two: update_profile(two, display_name="Ada L."),
        )
        profile = UserProfile.objects.get(user=ada)
        assert (profile.bio, profile.display_name) == ("I write.", "Ada L.")


def test_two_people_make_the_same_change_and_one_is_announced(ada) -> None:
    with captured(user_profile_updated) as sent:
        together(*[lambda: update_profile(User.objects.get(pk=ada.pk), bio="Both.")] * 4)
    assert len(sent) == 1


def test_the_profile_page_changes_what_readers_see(client, write, ada) -> None:
    write(public=True)
    assert "Countess" not in Client().get("/authors/ada/").content.decode()
    client.force_login(ada)
    form = {"display_name": "Countess", "bio": "", "website": "example.org", "post_count": "99"}
    assert client.post("/accounts/profile/", form).status_code == 302
    run_deliveries()
    assert "Countess" in Client().get("/authors/ada/").content.decode()
    profile = UserProfile.objects.get(user=ada)
    assert profile.website == "https://example.org"
    assert profile.post_count == 1


def test_the_profile_page_refuses_kindly(client, ada) -> None:
    client.force_login(ada)
    for field, value in {
        "display_name": "x" * 10_000,
        "bio": "nul\0",
        "website": "javascript:alert(1)",
    }.items():
        answer = client.post("/accounts/profile/", {field: value})
        assert answer.status_code == 200
        assert answer.context["form"].errors[field], field
    assert UserProfile.objects.get(user=ada).display_name == ""


# -- the door of the preferences ------------------------------------------------------------------


def test_preferences_change_once_and_are_on_record(ada) -> None:
    with captured(preferences_updated) as sent:
        assert update_preferences(ada, theme="dark", email_notifications=True) == ["theme"]
        assert update_preferences(ada, theme="dark") == []
    assert [e.arguments["changed_fields"] for e in sent] == [["theme"]]
    entry = AuditEntry.objects.get(verb="changed the settings of")
    assert entry.details == {"fields": ["theme"]}
    with pytest.raises(ValidationError):
        update_preferences(ada, time_zone="Mars/Olympus_Mons")
    with pytest.raises(ValidationError):
        update_preferences(ada, theme="plaid")
    with pytest.raises(TypeError):
        update_preferences(ada, user_id=1)


def test_extra_fields_of_the_settings_form_are_ignored(client, rita) -> None:
    client.force_login(rita)
    extra = {"is_staff": "on", "is_superuser": "on", "groups": Group.objects.first().pk}
    form = {"theme": "dark", "time_zone": "Asia/Tokyo", "email": "x@example.org", "user": 1}
    assert client.post("/accounts/settings/", form | extra).status_code == 302
    again = User.objects.get(pk=rita.pk)
    assert not again.is_staff
    assert not again.is_superuser
    assert again.email == "rita@example.org"
    assert not again.groups.exists()
    assert again.preferences.theme == "dark"
    assert again.preferences.email_notifications is False, "an unticked box"


def test_nobody_changes_the_profile_of_somebody_else(client, rita) -> None:
    victim = person("victim")
    client.force_login(rita)
    client.post("/accounts/profile/", {"display_name": "me", "user": victim.pk, "pk": victim.pk})
    assert UserProfile.objects.get(user=victim).display_name == ""
