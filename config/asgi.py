"""The ASGI entry point, for hosts that speak only ASGI; `make run` uses WSGI.

Requests are held to the same bounds.  Pages are not kept here before Django begins
(`pagecache/wsgi.py`): each is put together by the views, from what they store.
"""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

django_application = get_asgi_application()

from config.http.async_bodies import BoundedBodies  # noqa: E402 - they need the apps, ready now
from config.http.guard import AsyncGuard  # noqa: E402

application = AsyncGuard(BoundedBodies(django_application))
