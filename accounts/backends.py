from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.internal.userkit import get_user_by_username
from allauth.account.models import EmailAddress
from django.db.models.functions import Lower
from django.http import HttpRequest

from accounts.models import User


class SignInBackend(AuthenticationBackend):
    """allauth's own, with the person of a session as every page asks about them, and one guess.

    allauth tries a typed address as an address, as a user name and again as an address, and
    hashes the password for each account it finds, so whether there is one shows in the time.
    Here a name or an address leads to one account, and its password is hashed once; where it
    leads to none, allauth hashes it once for nobody.
    """

    def get_user(self, user_id: Any) -> User | None:
        people = User.objects.select_related("profile", "preferences")
        user = people.filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) else None

    def _authenticate(self, request: HttpRequest | None, **credentials: Any) -> Any:
        typed = credentials.get("email") or credentials.get("username") or ""
        return self._check_password(account_of(typed), credentials["password"])


def account_of(typed: str) -> User | None:
    """The account somebody means by a name or an address, None if there is none.

    An address counts first for whoever confirmed it: nobody takes it from them by a user name,
    or an account, that looks like it.  One that nobody confirmed counts for who signed up with it.
    """
    address = typed.lower()
    confirmed = EmailAddress.objects.filter(email=address, verified=True).select_related("user")
    if row := confirmed.first():
        return row.user
    named = get_user_by_username(typed)
    if isinstance(named, User):
        return named
    own = User.objects.alias(address=Lower("email")).exclude(email="")
    return own.filter(address=address).first()
