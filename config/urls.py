"""Which app answers where."""

from allauth.account.decorators import secure_admin_login
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from config.run import health
from media import views as media

# The admin's own form knows neither confirmed addresses nor rate limits.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

handler400 = "config.http.refusals.bad_request"
handler403 = "config.http.refusals.permission_denied"
handler404 = "config.http.refusals.page_not_found"
handler429 = "config.http.refusals.too_many_tries"  # allauth's
handler500 = "config.http.refusals.server_error"

# Apps with pages that may be taken out; a site without such an app has no such addresses.
REMOVABLE_WITH_PAGES = (
    "listeners.notifications",
    "listeners.search",
    "listeners.webhooks",
    "lab",
)


def _removable() -> list[URLResolver]:
    installed = (name for name in REMOVABLE_WITH_PAGES if apps.is_installed(name))
    return [path("", include(f"{name}.urls")) for name in installed]


urlpatterns: list[URLPattern | URLResolver] = [
    path("admin/", admin.site.urls),
    path("healthz/", health.alive, name="healthz"),
    path("healthz/ready/", health.ready, name="healthz-ready"),
    path("accounts/", include("accounts.urls")),  # first: it replaces some of allauth's pages
    path("accounts/", include("allauth.urls")),
    path(f"{settings.MEDIA_URL.strip('/')}/<path:name>", media.uploaded, name="media"),
    path("studio/", include("signalflow.staff.urls")),
    *_removable(),
    path("", include("comments.urls")),
    path("", include("blog.urls")),
]
