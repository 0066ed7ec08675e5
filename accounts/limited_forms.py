"""Forms anybody may send and whose mails go to whatever address is typed: who may send how many.

Which there are: subscribing, signing up, asking for a new password, and a further address of an
account.  The bounds by address are where each mail is queued (`accounts.mails`, subscriptions).
"""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from accounts.limits import HOUR, Rate, network_of, spend


class LimitedForm:
    """A mixin before a view with a form: so many for a network in an hour, so many for all.

    Whoever is refused gets the page again, with what they had typed and nothing about the
    address.  Networks are counted over all these forms, everybody for each: a flood of
    subscriptions must not keep people from a new password.
    """

    request: HttpRequest
    mails: str  # what everybody's count is kept under

    def form_valid(self, form: Any) -> HttpResponse:
        return self.refusal(form) or super().form_valid(form)  # type: ignore[misc]

    def refusal(self, form: Any) -> HttpResponse | None:
        """Count this one; returns the page that says no, if it is one too many."""
        mine = Rate("public mails", settings.PUBLIC_MAILS_PER_NETWORK, HOUR)
        of_all = Rate(f"public mails: {self.mails}", settings.PUBLIC_MAILS_PER_HOUR, HOUR)
        if spend((mine, network_of(self.request)), (of_all, "")) is None:
            return None
        form.add_error(None, _("Too many mails were asked for. Please try again in an hour."))
        context = self.get_context_data(form=form)  # type: ignore[attr-defined]
        answer: HttpResponse = self.render_to_response(context, status=429)  # type: ignore[attr-defined]
        answer.headers["Retry-After"] = str(HOUR)
        return answer
