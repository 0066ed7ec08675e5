"""Nobody gives, takes or touches rights beyond their own, by whatever way through the admin."""

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group, Permission
from django.test import Client

from accounts import policies
from accounts.models import User
from listeners.audit.models import AuditEntry
from tests.cast import person

pytestmark = pytest.mark.django_db(transaction=True)

# The acts of the group Administrator, and what a site might add to it.
EXTRA = ["delete_user", "add_user", "change_group", "add_group", "delete_group"]
ADDRESSES = ["view_emailaddress", "change_emailaddress", "delete_emailaddress"]


@pytest.fixture
def staff(db: None) -> User:
    user = person("staff", "Administrator", is_staff=True)
    link = User.user_permissions.through.objects
    rows = Permission.objects.filter(codename__in=[*EXTRA, *ADDRESSES])
    link.bulk_create([link.model(user=user, permission=row) for row in rows])
    return User.objects.get(pk=user.pk)


@pytest.fixture
def root(db: None) -> User:
    return User.objects.create_superuser("root", "root@example.org", "correct horse")


@pytest.fixture
def site(staff: User, client: Client) -> Client:
    return signed_in(client, staff)


def signed_in(client: Client, user: User) -> Client:
    client.force_login(user)
    client.post("/accounts/reauthenticate/", {"password": "correct horse"})
    return client


def form_of(user: User, **changes: Any) -> dict[str, Any]:
    """What a browser, or somebody with more ideas than one, sends from the form of a user."""
    return {
        "username": user.username,
        "email": user.email,
        "is_active": "on",
        "is_staff": "on" if user.is_staff else "",
        "date_joined_0": "2026-01-01",
        "date_joined_1": "10:00:00",
        "groups": [group.pk for group in user.groups.all()],
        "user_permissions": [row.pk for row in user.user_permissions.all()],
        "_save": "Save",
        **changes,
    }


def permission(codename: str) -> int:
    return Permission.objects.get(codename=codename).pk


def test_nobody_makes_themself_superuser(site, staff, rita) -> None:
    for user in (staff, rita):
        path = f"/admin/accounts/user/{user.pk}/change/"
        page = site.get(path).content.decode()
        assert 'name="is_superuser"' not in page
        assert site.post(path, form_of(user, is_superuser="on")).status_code == 302
        assert not User.objects.get(pk=user.pk).is_superuser


def test_what_one_has_can_be_given_and_is_on_record(site, staff, rita) -> None:
    editors = Group.objects.get(name="Editor")
    changes = form_of(rita, groups=[editors.pk], user_permissions=[permission("view_user")])
    assert site.post(f"/admin/accounts/user/{rita.pk}/change/", changes).status_code == 302
    assert list(rita.groups.all()) == [editors]
    assert User.objects.get(pk=rita.pk).has_perm("accounts.view_user")
    rows = AuditEntry.objects.filter(verb="changed the rights of", target_label="rita")
    assert {row.actor_name for row in rows} == {"staff"}
    given = [name for row in rows for name in row.details["given"]]
    assert sorted(given) == ["accounts.view_user", "group Editor"]


@pytest.mark.parametrize("field", ["groups", "user_permissions"])
def test_what_one_has_not_can_not_be_given(site, staff, rita, field) -> None:
    owners = Group.objects.create(name="Owners")
    owners.permissions.add(permission("delete_session"))
    value = {"groups": owners.pk, "user_permissions": permission("delete_session")}[field]
    for user in (staff, rita):
        path = f"/admin/accounts/user/{user.pk}/change/"
        answer = site.post(path, form_of(user, **{field: [value]}))
        assert "Select a valid choice" in answer.content.decode()
        assert not User.objects.get(pk=user.pk).has_perm("sessions.delete_session")


def test_a_group_gives_no_more_than_its_editor_has(site, staff) -> None:
    mine = Group.objects.get(name="Administrator")
    path = f"/admin/auth/group/{mine.pk}/change/"
    wanted = [*mine.permissions.values_list("pk", flat=True), permission("delete_session")]
    answer = site.post(path, {"name": mine.name, "permissions": wanted})
    assert "Select a valid choice" in answer.content.decode()
    new = {"name": "Mine", "permissions": [permission("delete_session")]}
    answer = site.post("/admin/auth/group/add/", new)
    assert "Select a valid choice" in answer.content.decode()
    assert not User.objects.get(pk=staff.pk).has_perm("sessions.delete_session")
    new["permissions"] = [permission("view_user")]
    assert site.post("/admin/auth/group/add/", new).status_code == 302


def above() -> list[User]:
    """A superuser; somebody with a right that `staff` has not; the same, not active."""
    keeper = person("keeper", is_staff=True)
    keeper.user_permissions.add(permission("delete_session"))
    resting = person("resting", is_active=False)
    resting.user_permissions.add(permission("delete_session"))
    return [User.objects.get(username="root"), keeper, resting]


@pytest.mark.expects_errors  # refusals are logged as such
@pytest.mark.parametrize("query", ["", "?_popup=1", "?_to_field=id"])
def test_an_account_with_more_rights_opens_to_nobody_below(site, root, query) -> None:
    for user in above():
        kept = User.objects.filter(pk=user.pk).values()[0]
        base = f"/admin/accounts/user/{user.pk}"
        password = {"password1": "new battery", "password2": "new battery", "usable_password": "1"}
        forms = {"change": form_of(user), "password": password, "delete": {"post": "yes"}}
        for page in ("change", "password", "delete", "history"):
            answer = site.get(f"{base}/{page}/{query}")
            assert answer.status_code == 403, (user, page)
            assert "Only somebody with all of its rights" in answer.content.decode()
            answer = site.post(f"{base}/{page}/{query}", forms.get(page, {}))
            assert answer.status_code == 403, (user, page)
        assert User.objects.filter(pk=user.pk).values()[0] == kept


@pytest.mark.expects_errors
def test_nothing_above_is_deleted_in_bulk(site, root, rita) -> None:
    people = above()
    picked = {"action": "delete_selected", "_selected_action": [*(u.pk for u in people), rita.pk]}
    asked = site.post("/admin/accounts/user/", picked).content.decode()
    assert "permission to delete" in asked
    assert site.post("/admin/accounts/user/", {**picked, "post": "yes"}).status_code == 403
    assert User.objects.filter(pk__in=[u.pk for u in people]).count() == 3
    owners = Group.objects.create(name="Owners")
    owners.permissions.add(permission("delete_session"))
    picked = {"action": "delete_selected", "_selected_action": [owners.pk], "post": "yes"}
    assert site.post("/admin/auth/group/", picked).status_code == 403
    for page in ("change", "delete", "history"):
        assert site.post(f"/admin/auth/group/{owners.pk}/{page}/", {}).status_code == 403
    assert Group.objects.filter(name="Owners").exists()


@pytest.mark.expects_errors
def test_an_address_of_somebody_above_is_nothing_to_confirm(site, root, rita) -> None:
    """A confirmed address resets the password of its account."""
    theirs = EmailAddress.objects.create(user=root, email="mine@example.org")
    hers = EmailAddress.objects.create(user=rita, email="r2@example.org")
    for page in ("change", "delete", "history"):
        path = f"/admin/account/emailaddress/{theirs.pk}/{page}/"
        assert site.post(path, {"user": root.pk, "verified": "on"}).status_code == 403
    add = {"user": root.pk, "email": "other@example.org", "verified": "on", "primary": "on"}
    assert site.post("/admin/account/emailaddress/add/", add).status_code == 403
    act = {"action": "make_verified", "_selected_action": [theirs.pk, hers.pk]}
    answer = site.post("/admin/account/emailaddress/", act, follow=True)
    assert "more rights than you have" in answer.content.decode()
    theirs.refresh_from_db()
    hers.refresh_from_db()
    assert (theirs.verified, hers.verified) == (False, True)
    path = f"/admin/account/emailaddress/{hers.pk}/change/"
    assert site.post(path, {"user": root.pk, "email": "r@example.org"}).status_code == 302
    hers.refresh_from_db()
    assert (hers.user, hers.email) == (rita, "r2@example.org")


def test_who_only_looks_confirms_nothing(client, rita) -> None:
    viewer = person("viewer", is_staff=True)
    viewer.user_permissions.add(permission("view_emailaddress"))
    row = EmailAddress.objects.create(user=rita, email="r2@example.org")
    signed_in(client, User.objects.get(pk=viewer.pk))
    act = {"action": "make_verified", "_selected_action": [row.pk]}
    client.post("/admin/account/emailaddress/", act)
    row.refresh_from_db()
    assert not row.verified


def test_superusers_go_on_as_before(client, root, staff, rita) -> None:
    signed_in(client, root)
    for user in (root, staff, rita):
        assert client.get(f"/admin/accounts/user/{user.pk}/change/").status_code == 200
    form = form_of(rita, is_superuser="on")
    assert client.post(f"/admin/accounts/user/{rita.pk}/change/", form).status_code == 302
    assert User.objects.get(pk=rita.pk).is_superuser
    entry = AuditEntry.objects.get(verb="changed the rights of", target_label="rita")
    assert (entry.actor_name, entry.details["given"]) == ("root", ["is_superuser"])


def test_the_rule_itself(root, staff, rita, olga) -> None:
    assert policies.may_manage(staff, olga)
    assert policies.may_manage(staff, rita)
    assert policies.may_manage(staff, staff)
    assert not policies.may_manage(olga, staff)
    assert not policies.may_manage(staff, root)
    assert policies.may_manage(root, staff)
