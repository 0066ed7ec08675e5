"""Browsers in which somebody has signed in before: a lockout by others does not reach them.

A cookie says for which accounts, signed by the site.  It opens nothing by itself, goes along to
the account's pages alone, and says nothing any more once the password is another one.
"""

import secrets
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.limits import DAY
from accounts.models import User

COOKIE = "known_device"
SALT = "accounts.devices"
LIFE = 180 * DAY
ACCOUNTS = 5  # of one browser; the latest ones


def device_of(request: HttpRequest, user: User | None) -> str:
    """The name of the browser, if this account was signed in with there before; else ""."""
    kept = _read(request)
    mark = kept.get("accounts", {}).get(str(user.pk)) if user is not None else None
    if user is None or mark is None or not constant_time_compare(mark, _mark(user)):
        return ""
    return str(kept["device"])


def remember(request: HttpRequest, response: HttpResponse, user: User) -> None:
    """Let the browser know that this account's password was right there."""
    kept = _read(request)
    accounts = {pk: mark for pk, mark in kept.get("accounts", {}).items() if pk != str(user.pk)}
    latest = [*accounts.items(), (str(user.pk), _mark(user))][-ACCOUNTS:]
    device = kept.get("device") or secrets.token_urlsafe(12)
    response.set_cookie(
        COOKIE,
        signing.dumps({"device": device, "accounts": dict(latest)}, salt=SALT),
        max_age=LIFE,
        path="/accounts/",
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _read(request: HttpRequest) -> dict[str, Any]:
    try:
        kept: dict[str, Any] = signing.loads(request.COOKIES[COOKIE], salt=SALT, max_age=LIFE)
    except (KeyError, signing.BadSignature):
        return {}
    return kept


def _mark(user: User) -> str:
    """Of the account and its present password; tells neither."""
    return salted_hmac(SALT, f"{user.pk}:{user.password}", algorithm="sha256").hexdigest()[:32]
