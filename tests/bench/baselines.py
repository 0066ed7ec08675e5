"""What Heliograph is compared with on the same server: 20 kB without it, by WSGI and by Django.

BENCH_BASELINE chooses: `wsgi` a function, `bare` a Django view without middleware,
`django-default` the same view behind the middleware of `startproject`.
"""

import os
from collections.abc import Callable, Iterable
from typing import Any

PAGE = b"<!DOCTYPE html><title>Bare</title>" + b"<p>A mirror sends the light.</p>" * 640
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]


def plain(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", "text/html"), ("Content-Length", str(len(PAGE)))])
    return [PAGE]


def django(middleware: list[str]) -> Any:
    from django.conf import settings
    from django.core.wsgi import get_wsgi_application
    from django.http import HttpRequest, HttpResponse
    from django.urls import path

    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse(PAGE)

    names = ("auth", "contenttypes", "sessions", "messages")
    settings.configure(
        SECRET_KEY="bench",
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF=(path("", view),),
        MIDDLEWARE=middleware,
        INSTALLED_APPS=[f"django.contrib.{name}" for name in names],
        USE_TZ=True,
    )
    return get_wsgi_application()


APPLICATIONS = {
    "wsgi": lambda: plain,
    "bare": lambda: django([]),
    "django-default": lambda: django(MIDDLEWARE),
}
application = APPLICATIONS[os.environ.get("BENCH_BASELINE", "wsgi")]()
