"""Whose form it is: a cookie remembers which sign-in each form token belongs to.

Django gives every sign-in a new form token, and so does our sign-out.  The cookie pairs a digest
of the token with a digest of the person; it says who nobody is, and outlives the session.
"""

from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponseBase
from django.middleware import csrf
from django.utils.crypto import salted_hmac

COOKIE = "form_owners"  # without the names that tell a session (pagecache/views.py)
SALT = "accounts.interrupted.owners"
REMEMBERED = 4  # sign-ins of one browser
AGE = settings.SESSION_COOKIE_AGE * 2  # seconds: a form may stay open after its session


def mark_of(user: object) -> str:
    """A person as the cookie knows them, "" for nobody."""
    pk = getattr(user, "pk", None)
    return "" if pk is None else _digest("person", str(pk))


def owner_of(request: HttpRequest) -> str:
    """The mark of whoever was signed in when the form of this POST was shown, "" if unknown."""
    known = _known(request)
    secret = _secret(request.POST.get("csrfmiddlewaretoken", "")) or _present(request)
    if not secret:
        return next(iter(known.values()), "")
    return known.get(_digest("form", secret), "")


def remember(request: HttpRequest, response: HttpResponseBase) -> None:
    """Note with the browser whose forms it is being shown."""
    secret = _present(request)
    if not secret or not request.user.is_authenticated:
        return
    form, person = _digest("form", secret), mark_of(request.user)
    known = _known(request)
    if known.get(form) == person:
        return
    pairs = {form: person, **{k: v for k, v in known.items() if k != form}}
    value = ".".join(f"{form}-{person}" for form, person in list(pairs.items())[:REMEMBERED])
    response.set_signed_cookie(
        COOKIE,
        value,
        SALT,
        max_age=AGE,
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )


def _known(request: HttpRequest) -> dict[str, str]:
    try:
        value = request.get_signed_cookie(COOKIE, "", salt=SALT, max_age=AGE) or ""
    except signing.BadSignature:
        return {}
    pairs = (pair.partition("-") for pair in value.split("."))
    return {form: person for form, _, person in pairs if form and person}


def _present(request: HttpRequest) -> str:
    """The secret of the forms this response shows, or that the browser brought."""
    return str(request.META.get("CSRF_COOKIE") or "")


def _secret(token: str) -> str:
    """What a masked token hides; Django has no public function that tells."""
    private: Any = csrf
    try:
        private._check_token_format(token)
    except csrf.InvalidTokenFormat:
        return ""
    is_masked = len(token) == csrf.CSRF_TOKEN_LENGTH
    return str(private._unmask_cipher_token(token)) if is_masked else token


def _digest(kind: str, value: str) -> str:
    return salted_hmac(f"accounts.interrupted.{kind}", value).hexdigest()[:24]
