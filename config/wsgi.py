"""The WSGI entry point: `granian --interface wsgi config.wsgi:application`."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

django_application = get_wsgi_application()

from config.kept import KeptPages  # noqa: E402 - it needs the apps, which are ready now

application = KeptPages(django_application)

# What is loaded now stays: the collector need not look through it again and again, which held
# readers up for 30 ms each time.
gc.collect()
gc.freeze()
