"""Asking for the password again before what gives access to an account, or rights to others.

The pages of one's own addresses do so by themselves (ACCOUNT_REAUTHENTICATION_REQUIRED); this
is for pages of others, those of the admin.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from allauth.account.internal.flows.reauthentication import (
    STATE_SESSION_KEY,
    is_reauthentication_required,
)
from allauth.core.internal.httpkit import serialize_request
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

View = Callable[..., HttpResponse]


def ask_again(view: View, *, look: bool = False) -> View:
    """The view behind the question for the password; with `look`, only where it is sent a form.

    Whoever could not sign in to it is left to the view.
    """

    @wraps(view)
    def asking(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        reading = look and request.method in {"GET", "HEAD"}
        staff = request.user.is_active and request.user.is_staff
        if reading or not staff or not is_reauthentication_required(request, app="allauth.account"):
            return view(request, *args, **kwargs)
        return _suspend(request)

    return asking


def _suspend(request: HttpRequest) -> HttpResponse:
    """To the question; a form that was sent waits in the session and is sent after it.

    Not one with a password in it: those are kept nowhere, and are typed again anyway.  What an
    earlier question left is dropped, or the answer to this one would send it.
    """
    request.session.pop(STATE_SESSION_KEY, None)
    back = request.get_full_path()
    if request.method == "POST" and not any("password" in name for name in request.POST):
        request.session[STATE_SESSION_KEY] = {"request": serialize_request(request)}
        back = request.path  # allauth compares paths; the query is in what was kept
    return redirect(f"{reverse('account_reauthenticate')}?{urlencode({'next': back})}")
