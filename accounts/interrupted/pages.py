"""The pages between a form that was stopped and its second chance."""

from typing import Any

from allauth.account.app_settings import FORMS
from allauth.account.forms import LoginForm
from allauth.utils import get_form_class
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url
from django.utils.cache import add_never_cache_headers

from accounts.interrupted.descriptions import Description, describe
from accounts.interrupted.origins import is_from_us
from accounts.interrupted.owners import mark_of
from accounts.interrupted.requests import FIELD, InterruptedRequest

SIGN_IN_TEMPLATE = "accounts/interrupted/sign_in.html"


def next_page(
    request: HttpRequest, interrupted: InterruptedRequest, *, status: int
) -> HttpResponse:
    """The page for whoever is here now: to sign in, to go on, or to make room for the owner."""
    if not request.user.is_authenticated:
        return sign_in_page(request, interrupted, status=status)
    if interrupted.owner and interrupted.owner != mark_of(request.user):
        context = _context(interrupted)
        return _page(request, "accounts/interrupted/not_yours.html", context, 403)
    return confirm_page(request, interrupted, status=status)


def confirm_page(
    request: HttpRequest, interrupted: InterruptedRequest, *, status: int
) -> HttpResponse:
    """What will be sent, in words, and one button that sends it."""
    context = _context(interrupted) | {"told": describe(interrupted, request.user)}
    return _page(request, "accounts/interrupted/confirm.html", context, status)


def sign_in_page(
    request: HttpRequest, interrupted: InterruptedRequest, *, status: int, problem: str = ""
) -> HttpResponse:
    """The sign-in form, with what was typed beside it.  `problem` says why it came again."""
    form = get_form_class(FORMS, "login", LoginForm)(request=request)
    context = sign_in_context(request, interrupted, form) | {"problem": problem}
    return _page(request, SIGN_IN_TEMPLATE, context, status)


def sign_in_context(
    request: HttpRequest, interrupted: InterruptedRequest, form: Any
) -> dict[str, Any]:
    """What the template of the sign-in page needs besides its form.

    Fields whose owner nobody knows, or which are too large, are not carried past the sign-in:
    they are shown to be copied, to the browser that has just sent them.
    """
    if "password" in form.fields:
        form["password"].help_text = ""  # a link that would leave the page and its fields
    is_kept = bool(interrupted.owner and interrupted.packed)
    return {
        **_context(interrupted),
        "form": form,
        "sign_in_url": resolve_url(settings.LOGIN_URL),
        "is_kept": is_kept,
        "told": None if is_kept else describe(interrupted, request.user),
    }


def typed_in(request: HttpRequest) -> Description | None:
    """What the form held that is refused for good, to be copied; None if there is nothing.

    Only what one of our own pages sent, and not to somebody who took its writer's place here.
    """
    if request.method != "POST" or not is_from_us(request):
        return None
    interrupted = InterruptedRequest.of(request)
    if interrupted is None or interrupted.owner not in {"", mark_of(request.user)}:
        return None
    told = describe(interrupted, request.user)
    return told if told.typed else None


def _context(interrupted: InterruptedRequest) -> dict[str, Any]:
    return {"interrupted": interrupted, "field": FIELD}


def _page(
    request: HttpRequest, template: str, context: dict[str, Any], status: int
) -> HttpResponse:
    response = render(request, template, context, status=status)
    add_never_cache_headers(response)
    return response
