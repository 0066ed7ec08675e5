"""Forms sent twice at the same moment: one row, and no answer that is an error of ours."""

import pytest
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from django.contrib.auth.models import Group
from django.test import Client

from accounts.models import User
from blog.models import Tag
from tests.threads import together

pytestmark = pytest.mark.django_db(transaction=True)

PASSWORD = {"password": "correct horse"}


@pytest.fixture
def owner(rita) -> User:
    return rita


def browser_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    client.post("/accounts/reauthenticate/", PASSWORD)
    return client


def test_an_address_is_added_once(owner) -> None:
    client = browser_of(owner)
    form = {"action_add": "", "email": "new@example.org"}
    answers = together(*[lambda: client.post("/accounts/email/", form).status_code] * 3)
    assert set(answers) <= {200, 302}
    assert 302 in answers
    assert owner.emailaddress_set.filter(email="new@example.org").count() == 1


def test_an_address_becomes_the_accounts_once(owner) -> None:
    for name in ("a", "b"):
        owner.emailaddress_set.create(email=f"{name}@example.org", verified=True)
    client = browser_of(owner)
    forms = [{"action_primary": "", "email": f"{name}@example.org"} for name in "abab"]
    posts = [lambda form=form: client.post("/accounts/email/", form).status_code for form in forms]
    assert set(together(*posts)) == {302}
    primary = owner.emailaddress_set.get(primary=True)
    assert User.objects.get(pk=owner.pk).email == primary.email


def test_an_address_another_account_was_made_with_is_no_error_of_ours(owner) -> None:
    """Somebody signed up with it and never confirmed; its owner uses it here."""
    User.objects.create_user("squatter", "mine@example.org")
    owner.emailaddress_set.create(email="mine@example.org", verified=True)
    form = {"action_primary": "", "email": "mine@example.org"}
    answer = browser_of(owner).post("/accounts/email/", form, follow=True)
    assert answer.status_code == 200
    assert "Another account was made with this address" in answer.content.decode()
    assert User.objects.get(pk=owner.pk).email == "rita@example.org"
    assert owner.emailaddress_set.get(primary=True).email == "rita@example.org"


def test_an_address_is_confirmed_for_one_account(owner, bruno) -> None:
    rows = [
        EmailAddress.objects.create(user=user, email="shared@example.org")
        for user in (owner, bruno)
    ]
    paths = [f"/accounts/confirm-email/{EmailConfirmationHMAC(row).key}/" for row in rows]
    posts = [lambda path=path: Client().post(path).status_code for path in paths]
    assert set(together(*posts)) <= {200, 302}
    assert EmailAddress.objects.filter(email="shared@example.org", verified=True).count() == 1


@pytest.mark.parametrize(
    ("path", "form", "rows"),
    [
        ("blog/tag", {"name": "sun", "slug": "sun"}, Tag.objects.filter(slug="sun")),
        ("auth/group", {"name": "Owners"}, Group.objects.filter(name="Owners")),
        (
            "accounts/user",
            {
                "username": "nina",
                "email": "nina@example.org",
                "usable_password": "true",
                "password1": "another battery",
                "password2": "another battery",
            },
            User.objects.filter(username="nina"),
        ),
    ],
)
def test_the_admin_adds_once(path, form, rows) -> None:
    client = browser_of(User.objects.create_superuser("root", "r@example.org", "correct horse"))
    add = [lambda: client.post(f"/admin/{path}/add/", form).status_code] * 3
    assert sorted(together(*add)) == [200, 200, 302]
    assert rows.count() == 1


def test_two_tags_that_would_have_one_slug() -> None:
    (one,), (two,) = together(
        lambda: Tag.find_or_create(["C++"]), lambda: Tag.find_or_create(["C#"])
    )
    assert {one.name, two.name} == {"C++", "C#"}
    assert one.slug != two.slug
