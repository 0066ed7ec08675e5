"""The WSGI entry point: `granian --interface wsgi config.wsgi:application`."""

import gc
import multiprocessing
import os

from django.core.wsgi import get_wsgi_application

from config.run import lifeline

# A worker of granian's; the one that started it may be killed without a word.
if (server := multiprocessing.parent_process()) is not None and server.pid is not None:
    lifeline.end_with(server.pid)

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

django_application = get_wsgi_application()

from config.http.layers import around  # noqa: E402 - they need the apps, which are ready now

application = around(django_application)

# What is loaded now stays: the collector need not look through it again and again, which held
# readers up for 30 ms each time.
gc.collect()
gc.freeze()
