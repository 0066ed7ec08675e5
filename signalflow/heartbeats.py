"""What must go on happening says so here each time; the health page tells when it stops."""

from django.utils import timezone

from signalflow.models import Heartbeat

WORKER = "worker"
RECONCILE = "reconcile"


def beat(name: str, text: str = "", *, healthy: bool = True) -> None:
    """Note that `name` ran just now; `text` says with which result, in one sentence."""
    Heartbeat.objects.update_or_create(
        name=name, defaults={"at": timezone.now(), "text": text[:500], "healthy": healthy}
    )
