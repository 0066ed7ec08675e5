"""Signing up: an address that has an account, a double click, and what neither may show."""

from datetime import timedelta
from typing import Any

from allauth.account.forms import SignupForm
from allauth.account.internal.flows.login import perform_login
from allauth.account.models import EmailAddress, Login
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts.models import User

# So long after a sign-up the same form sent again is a second click, or a page loaded anew.
SAME_CLICK = timedelta(minutes=10)
TAKEN = "username_taken"  # allauth's


class SignUpForm(SignupForm):
    """allauth's own.  A form that is taken hashes one password, whether the address is known.

    That happens while the form is read: it takes long on purpose, and no transaction is open.
    The form that made an account minutes ago, sent again, is answered as it was then.
    """

    password_hash = ""
    twin: User | None = None

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean()
        if not self.errors:
            self.password_hash = make_password(data["password1"])
        elif self._only_the_name_is_taken():
            self.twin = self._made_before(data)
            if self.twin is not None:
                del self.errors["username"]
                data["username"] = self.twin.username
        return data

    def _only_the_name_is_taken(self) -> bool:
        """Whether all is well but for a name that somebody has; no other is looked up."""
        faults = self.errors.as_data()
        return list(faults) == ["username"] and {e.code for e in faults["username"]} == {TAKEN}

    def _made_before(self, data: dict[str, Any]) -> User | None:
        """The account that this form made, if it is that new and its address not confirmed.

        The address is compared last: how long it takes must not depend on it.
        """
        user = User.objects.filter(
            username__iexact=str(self.data.get("username", "")).strip(),
            date_joined__gt=timezone.now() - SAME_CLICK,
        ).first()
        if user is None or EmailAddress.objects.filter(user=user, verified=True).exists():
            return None
        same = user.check_password(data["password1"])
        return user if same and user.email.lower() == data["email"] else None

    def try_save(self, request: HttpRequest) -> tuple[User | None, HttpResponse | None]:
        if self.twin is not None:
            login = Login(user=self.twin, email=self.twin.email, signup=True)
            return None, perform_login(request, login)
        saved: tuple[User | None, HttpResponse | None] = super().try_save(request)
        return saved
