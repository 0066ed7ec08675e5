from typing import Any

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views import csrf
from django.views.generic import View

from accounts.interrupted.origins import is_from_us
from accounts.interrupted.pages import confirm_page, next_page, sign_in_page
from accounts.interrupted.requests import InterruptedRequest


def form_refused(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page for a refused form token; one of our own pages gets its fields back.

    It stays 403, and nothing is changed before the person sends it again.
    """
    if request.method != "POST" or not is_from_us(request):
        return csrf.csrf_failure(request, reason=reason)
    carried = InterruptedRequest.carried_by(request)
    interrupted = carried or InterruptedRequest.of(request)
    if interrupted is None:
        return csrf.csrf_failure(request, reason=reason)
    if not carried and not interrupted.owner and not request.user.is_authenticated:
        return confirm_page(request, interrupted, status=403)  # a form for everybody
    return next_page(request, interrupted, status=403)


class ChangePersonView(View):
    """Sign out whoever is here, so that the owner of a kept form can sign in and go on."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        interrupted = InterruptedRequest.carried_by(request)
        logout(request)
        if interrupted is None:
            return redirect("account_login")
        return sign_in_page(request, interrupted, status=200)
