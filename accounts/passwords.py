"""The pages on which somebody types their password, within the limits of `accounts.tries`."""

from typing import Any

from allauth.account import views as theirs
from allauth.account.adapter import get_adapter
from allauth.account.forms import ChangePasswordForm
from django.http import HttpRequest, HttpResponse

from accounts.devices import remember
from accounts.tries import FROM_ONE_NETWORK, TOO_MANY, counted


class PasswordForm(ChangePasswordForm):
    """allauth's own; the present password is one that can be guessed like any other."""

    def clean_oldpassword(self) -> str:
        with counted(get_adapter().request, str(self.user)) as tries:  # a user says their name
            present = super().clean_oldpassword()
            tries.right = True
        return str(present)


class LimitedTries:
    """A mixin before a view with a form: the page again, with what was typed, says 429."""

    def form_invalid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_invalid(form)  # type: ignore[misc]
        errors = form.errors.as_data().values()
        if any(error.code == TOO_MANY for field in errors for error in field):
            response.status_code = 429
            response.headers["Retry-After"] = str(FROM_ONE_NETWORK.seconds)
        return response


class SignInView(LimitedTries, theirs.LoginView):
    pass


class ReauthenticateView(LimitedTries, theirs.ReauthenticateView):
    pass


class PasswordChangeView(LimitedTries, theirs.PasswordChangeView):
    def form_valid(self, form: Any) -> HttpResponse:
        """The browser it was changed in stays a known one."""
        return _remembered(self.request, super().form_valid(form), form.user)


class PasswordResetFromKeyView(theirs.PasswordResetFromKeyView):
    def form_valid(self, form: Any) -> HttpResponse:
        """Whoever reads the mail of an account is not kept out by those who guess at it."""
        return _remembered(self.request, super().form_valid(form), form.user)


def _remembered(request: HttpRequest, response: HttpResponse, user: Any) -> HttpResponse:
    remember(request, response, user)
    return response
