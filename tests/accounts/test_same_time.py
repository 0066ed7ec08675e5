"""Whether an account exists does not show in how long an answer takes.

What takes long is hashing a password, so what is compared is how often that happens.
"""

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.test import Client

from accounts.models import User
from tests.cast import person

pytestmark = pytest.mark.django_db(transaction=True)

hashed: list[str] = []


class CountingHasher(MD5PasswordHasher):
    algorithm = "counting"

    def encode(self, password: str, salt: str) -> str:
        hashed.append(password)
        return super().encode(password, salt)


@pytest.fixture(autouse=True)
def counting(settings) -> None:
    settings.PASSWORD_HASHERS = [f"{__name__}.CountingHasher"]


@pytest.fixture
def accounts(counting) -> None:
    person("rita")
    person("fresh").emailaddress_set.update(verified=False)
    User.objects.create_user("old@example.org", "older@example.org", "correct horse")
    nobody = person("barred")
    nobody.set_unusable_password()
    nobody.save()
    person("resting", is_active=False)


def times_hashed(path: str, form: dict[str, str]) -> tuple[int, int]:
    hashed.clear()
    answer = Client().post(path, form)
    return answer.status_code, len(hashed)


NAMES = [
    "rita",
    "RITA",
    "rita@example.org",
    "Rita@Example.ORG",
    "fresh@example.org",  # signed up, not confirmed
    "old@example.org",  # a user name that looks like an address
    "older@example.org",
    "barred",  # has no password
    "resting",  # is not active
    "nobody-here",
    "nobody@example.org",
    " rita ",
]


@pytest.mark.parametrize("name", NAMES)
def test_each_sign_in_hashes_once(accounts, name) -> None:
    form = {"login": name, "password": "wrong"}
    assert times_hashed("/accounts/login/", form) == (200, 1)


@pytest.mark.parametrize("email", ["rita@example.org", "fresh@example.org", "new@example.org"])
@pytest.mark.parametrize("username", ["nina", "rita", "fresh"])
def test_each_sign_up_hashes_once(accounts, username, email) -> None:
    """A name that is taken is said to be, and takes less or more: whose it is shows anyway."""
    form = {"username": username, "email": email}
    form |= {"password1": "another battery", "password2": "another battery"}
    status, times = times_hashed("/accounts/signup/", form)
    assert (status, times) == {"nina": (302, 1), "rita": (200, 0), "fresh": (200, 1)}[username]


@pytest.mark.parametrize("email", ["rita@example.org", "fresh@example.org", "new@example.org"])
def test_asking_for_a_new_password_hashes_none(accounts, email) -> None:
    assert times_hashed("/accounts/password/reset/", {"email": email}) == (302, 0)


def test_an_address_is_its_owners_not_of_a_name_like_it(accounts) -> None:
    """Nobody is kept out by somebody whose user name is their address."""
    User.objects.create_user("rita@example.org", "squatter@example.org", "other horse")
    for password, status in (("correct horse", 302), ("other horse", 200)):
        form = {"login": "rita@example.org", "password": password}
        assert Client().post("/accounts/login/", form).status_code == status


def test_who_has_not_confirmed_yet_may_still_sign_in_by_the_address(accounts) -> None:
    form = {"login": "fresh@example.org", "password": "correct horse"}
    answer = Client().post("/accounts/login/", form)
    assert answer.headers["Location"] == "/accounts/confirm-email/"
