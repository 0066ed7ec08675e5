"""allauth's pages that mail an address somebody types, within our limits."""

from typing import Any

from allauth.account import views as theirs
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.limited_forms import LimitedForm
from accounts.limits import HOUR, Rate, spend

CHANGES = Rate("addresses of one account", 60, HOUR)


class SignUpView(LimitedForm, theirs.SignupView):
    mails = "sign-up"

    def form_valid(self, form: Any) -> HttpResponse:
        """No account without the mail that confirms it: both are written, or neither."""
        with transaction.atomic():
            return super().form_valid(form)


class PasswordResetView(LimitedForm, theirs.PasswordResetView):
    mails = "new password"


class AddressesView(LimitedForm, theirs.EmailView):
    mails = "further address"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Every change of an address tells its owner: so many for an account."""
        if spend((CHANGES, str(request.user.pk))) is None:
            answer: HttpResponse = super().post(request, *args, **kwargs)
            return answer
        messages.error(request, _("That was too often. Please try again in an hour."))
        return redirect("account_email")
