from datetime import datetime

from django.db import models
from django.db.models import F, Func, Q
from django.utils import timezone

from signalflow.spec import KEY_LENGTH

# The states a delivery may be in, by who looks after it: workers, nobody, a person.
OPEN = ["pending", "running"]
ENDED_WELL = ["done", "skipped"]
ATTENTION = ["failed", "orphaned"]


def _state_in(states: list[str]) -> Func:
    """The condition of a partial index, spelled as the index spells it.

    SQLite compares the two as texts: with parameters in the list it would not see that the
    index applies, and read every delivery that ever was.
    """
    listed = ", ".join(f"'{state}'" for state in states)
    return Func(
        F("state"), template=f"%(expressions)s IN ({listed})", output_field=models.BooleanField()
    )


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def due(self, now: datetime) -> "DeliveryQuerySet":
        """What a worker may claim: waiting rows whose time has come, and expired leases."""
        return self.filter(_state_in(OPEN), available_at__lte=now)

    def waiting(self, pk: int) -> "DeliveryQuerySet":
        """One delivery, while nobody has begun with it."""
        return self.filter(pk=pk, state="pending")

    def waiting_with(self, receiver: str, key: str) -> "DeliveryQuerySet":
        """Everything that one run for this key would serve; `key` is not empty."""
        # The exclusion is told for the index alone, as above.
        return self.filter(receiver=receiver, key=key, state="pending").exclude(key="")

    def needs_attention(self) -> "DeliveryQuerySet":
        """What no worker will try again by itself."""
        return self.filter(_state_in(ATTENTION))

    def requeue(self) -> int:
        """Put rows back in line with all their attempts; returns how many."""
        return self.update(
            state=Delivery.State.PENDING, attempts=0, available_at=timezone.now(), finished_at=None
        )


class Delivery(models.Model):
    """One durable receiver's pending work, written in the transaction that sent the signal."""

    class State(models.TextChoices):
        PENDING = "pending"
        RUNNING = "running"
        DONE = "done"
        SKIPPED = "skipped"
        FAILED = "failed"
        ORPHANED = "orphaned"

    receiver = models.CharField(max_length=200)
    signal = models.CharField(max_length=200)
    payload = models.JSONField(default=dict)
    key = models.CharField(max_length=KEY_LENGTH, blank=True)
    trace = models.CharField(max_length=32, blank=True, db_index=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PENDING)
    attempts = models.PositiveIntegerField(default=0)
    # When it may be claimed next; while it runs, the end of the lease.  One column serves
    # both, so that "due" is one range of one index and no reaper is needed.
    available_at = models.DateTimeField(default=timezone.now)
    claim = models.CharField(max_length=32, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    finished_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)
    # The tree of its last run (see signalflow.tracing), written together with the outcome.
    report = models.JSONField(null=True, blank=True, editable=False)
    replay_of = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "deliveries"
        permissions = [("operate_engine", "Can see what the signal engine does, and operate it")]
        constraints = [
            models.CheckConstraint(
                name="delivery_state_known", condition=Q(state__in=OPEN + ENDED_WELL + ATTENTION)
            ),
        ]
        indexes = [
            models.Index(
                name="delivery_due", fields=["available_at", "id"], condition=Q(state__in=OPEN)
            ),
            models.Index(
                name="delivery_same_key",
                fields=["receiver", "key"],
                condition=Q(state="pending") & ~Q(key=""),
            ),
            models.Index(name="delivery_claimed", fields=["claim"], condition=Q(state="running")),
            models.Index(
                name="delivery_attention", fields=["state", "id"], condition=Q(state__in=ATTENTION)
            ),
            models.Index(name="delivery_finished", fields=["finished_at"]),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.receiver} ({self.state})"


class Trace(models.Model):
    """What one action set in motion.  Its deliveries carry the same id, and trees of their own."""

    id = models.CharField(primary_key=True, max_length=32)
    name = models.CharField(max_length=200)
    # The key alone: the engine knows no people, and a trace outlives them.
    actor_id = models.CharField(max_length=40, blank=True, db_index=True)
    # "blog.post:12 blog.post:13": what was acted upon, for links from there.  Never cut: half of
    # a name is the name of another row.  There are no more of them than a tree has spans.
    targets = models.TextField(blank=True)
    took = models.PositiveBigIntegerField(default=0)
    errors = models.PositiveIntegerField(default=0)
    tree = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.name


class Heartbeat(models.Model):
    """When something that must go on happening happened last, and how it went."""

    name = models.CharField(primary_key=True, max_length=100)
    at = models.DateTimeField()
    healthy = models.BooleanField(default=True)
    text = models.CharField(max_length=500, blank=True)

    def __str__(self) -> str:
        return f"{self.name} at {self.at:%Y-%m-%d %H:%M}"
