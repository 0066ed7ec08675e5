"""Mails that somebody waits for pass those that were queued before them.

Workers take deliveries in order, and a publication may queue thousands of batches.  So whoever
works on something long looks in between whether such a mail waits, and runs its delivery.
"""

from time import monotonic

from django.utils import timezone

from signalflow.deliveries import run_one
from signalflow.models import Delivery

URGENT = "notifications.receivers.send_account_mail"
SECONDS = 1.0  # between two looks: as long as an idle worker sleeps
AT_ONCE = 20  # whoever lets others pass has to go on some time

_looked = {"at": 0.0}


def let_urgent_pass() -> None:
    """Run the deliveries of account mails that are due; raises nothing a mail could cause."""
    if monotonic() < _looked["at"] + SECONDS:
        return
    _looked["at"] = monotonic()
    due = Delivery.objects.due(timezone.now()).filter(receiver=URGENT)
    for pk in list(due.order_by("available_at", "pk").values_list("pk", flat=True)[:AT_ONCE]):
        run_one(pk)
