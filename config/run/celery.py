"""Celery, where one machine is not enough.

The delivery row stays the truth: Celery only carries its id to a worker that may run it at
once. What a broker loses, refuses or repeats is settled by the row and found by the sweep of
`manage.py signals work`, so nothing here retries. Needs requirements-scale.txt and
CELERY_BROKER_URL; run workers with `celery -A config.run.celery worker`.
"""

import logging
import os

from celery import Celery
from kombu.exceptions import OperationalError

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from django.conf import settings

from pagecache.generations.breaker import CircuitBreaker

logger = logging.getLogger("heliograph.celery")

BROKER_TIMEOUT = 2  # seconds; no request waits longer for an absent broker

app = Celery("heliograph", broker=settings.CELERY_BROKER_URL or None)
app.conf.update(
    broker_connection_retry_on_startup=True,
    broker_connection_timeout=BROKER_TIMEOUT,
    broker_transport_options={
        "socket_connect_timeout": BROKER_TIMEOUT,
        "socket_timeout": BROKER_TIMEOUT,
    },
    task_ignore_result=True,  # the outcome is written on the delivery
    worker_hijack_root_logger=False,  # LOGGING has set the one format
)


@app.task(name="signalflow.run_delivery")
def run_delivery(delivery_id: int) -> None:
    """Claim one delivery and run it; a claimed or finished one is left alone."""
    from signalflow.deliveries import run_one  # noqa: PLC0415 - models exist only after Django's setup

    run_one(delivery_id)


breaker = CircuitBreaker()  # an act has many deliveries, and waits for a silent broker once


def dispatch(delivery_id: int) -> None:
    """Tell a worker about a delivery; without a broker the sweep will find it."""
    if breaker.is_open():
        return
    try:
        run_delivery.apply_async(args=[delivery_id], retry=False)
    except OperationalError:
        breaker.open()
        logger.warning("No broker for delivery %s; the sweep will run it", delivery_id)
    else:
        breaker.close()
