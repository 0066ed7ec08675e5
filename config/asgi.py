"""The ASGI entry point, for hosts that speak only ASGI; `make run` uses WSGI."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

django_application = get_asgi_application()

from config.guard import AsyncGuard  # noqa: E402 - it needs the apps, which are ready now

application = AsyncGuard(django_application)
