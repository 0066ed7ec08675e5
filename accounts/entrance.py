"""allauth's pages that mail an address somebody types, within our limits."""

from functools import partial
from typing import Any

from allauth.account import views as theirs
from django.contrib import messages
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.limited_forms import LimitedForm
from accounts.limits import HOUR, Rate, spend
from accounts.racing import OnceMore, once_more

CHANGES = Rate("addresses of one account", 60, HOUR)


class SignUpView(LimitedForm, OnceMore, theirs.SignupView):
    """No account without the mail that confirms it: both are written, or neither."""

    mails = "sign-up"


class PasswordResetView(LimitedForm, theirs.PasswordResetView):
    mails = "new password"


class AddressesView(LimitedForm, theirs.EmailView):
    mails = "further address"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Every change of an address tells its owner: so many for an account."""
        problem = _("That was too often. Please try again in an hour.")
        if spend((CHANGES, str(request.user.pk))) is None:
            change = partial(super().post, request, *args, **kwargs)
            try:
                return once_more(change)
            except IntegrityError:  # nobody has confirmed it there, or it could not be one here
                problem = _("Another account was made with this address. Write to us about it.")
        messages.error(request, problem)
        return redirect("account_email")


class ConfirmAddressView(theirs.ConfirmEmailView):
    def post(self, *args: Any, **kwargs: Any) -> HttpResponse:
        """Of two accounts that confirm one address at once, one has it."""
        return once_more(partial(super().post, *args, **kwargs))
