"""Where a POST meets the sign-in page, and where its sender comes back from there."""

from collections.abc import Callable
from urllib.parse import parse_qs, urlencode, urlsplit

from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import render
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.interrupted import owners, pages
from accounts.interrupted.origins import is_from_us
from accounts.interrupted.requests import FIELD, InterruptedRequest, takes

FORMS_ONLY = (
    gettext_lazy("There is nothing to see at this address"),
    gettext_lazy(
        "It only takes what a form sends. "
        "Go back to the page you came from, and use the button there."
    ),
)
READ_ONLY = (
    gettext_lazy("This page can only be read"),
    gettext_lazy("It takes nothing that is sent to it."),
)


class InterruptedRequestMiddleware:
    """Nothing typed is lost at the sign-in page.  Comes after everything its pages need."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._with_the_rest(request, self.get_response(request))
        owners.remember(request, response)
        return response

    def process_template_response(
        self, request: HttpRequest, response: TemplateResponse
    ) -> TemplateResponse:
        """A sign-in that did not succeed keeps what the page before it carried."""
        if _is_sign_in(request) and (interrupted := InterruptedRequest.carried_by(request)):
            response.template_name = pages.SIGN_IN_TEMPLATE
            context = response.context_data or {}
            response.context_data = context | pages.sign_in_context(
                request, interrupted, context["form"]
            )
        return response

    def _with_the_rest(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        if response.status_code == 405 and not response.content:
            return _not_allowed(request, response["Allow"])
        if _is_sign_in(request):
            return _after_sign_in(request, response)
        if isinstance(response, HttpResponseRedirect) and _asks_to_sign_in(request, response.url):
            return _instead_of_sign_in(request, response)
        return response


def _is_sign_in(request: HttpRequest) -> bool:
    match = request.resolver_match
    return bool(
        request.method == "POST"
        and match
        and match.url_name == "account_login"
        and FIELD in request.POST
    )


def _after_sign_in(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    went_on = isinstance(response, HttpResponseRedirect)
    interrupted = InterruptedRequest.carried_by(request) if went_on else None
    if interrupted is None:
        return response
    if request.user.is_authenticated:
        return pages.next_page(request, interrupted, status=200)
    # The address is not confirmed, say.
    problem = _("You are not signed in yet. Look into your mail, and try again here.")
    return pages.sign_in_page(request, interrupted, status=403, problem=problem)


def _asks_to_sign_in(request: HttpRequest, location: str) -> bool:
    """Whether a redirect leads to the sign-in page, and from there back here."""
    parts = urlsplit(location)
    if request.user.is_authenticated:
        return False
    wanted = parse_qs(parts.query).get(REDIRECT_FIELD_NAME)
    doors = {reverse("account_login"), reverse("admin:login")}
    return parts.path in doors and wanted == [request.get_full_path()]


def _instead_of_sign_in(request: HttpRequest, response: HttpResponseRedirect) -> HttpResponse:
    match, is_form = request.resolver_match, request.method == "POST"
    if is_form and takes("post", match) and is_from_us(request):
        interrupted = InterruptedRequest.of(request)
        if interrupted is not None:
            return pages.sign_in_page(request, interrupted, status=403)
    if takes("get", match):
        return response
    if not is_form:
        return _not_allowed(request, "POST")
    # After signing in there would be nothing to see at an address that only takes forms.
    query = urlencode({REDIRECT_FIELD_NAME: "/"})
    return HttpResponseRedirect(f"{reverse('account_login')}?{query}")


def _not_allowed(request: HttpRequest, allowed: str) -> HttpResponse:
    """A page with a sentence instead of a bare 405."""
    title, sentence = FORMS_ONLY if "POST" in allowed else READ_ONLY
    page = render(request, "refusal.html", {"title": title, "sentence": sentence}, status=405)
    answer = HttpResponseNotAllowed([method.strip() for method in allowed.split(",")])
    answer.content = page.content
    return answer
