import base64
import secrets
import uuid
from datetime import timedelta
from urllib.parse import urlsplit

from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.urls import reverse
from django.utils import timezone

SECRET_BYTES = 32  # Standard Webhooks asks for 24 to 64
EXCERPT_LENGTH = 500
# Longer than any request is allowed to last: an attempt without an end is then nobody's any more.
UNDER_WAY = timedelta(seconds=20)


def new_secret() -> str:
    """A random key in the spelling of the Standard Webhooks specification."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode("ascii")


class State(models.TextChoices):
    """How a call, or one attempt at it, stands."""

    WAITING = "waiting"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNCERTAIN = "uncertain"
    CANCELLED = "cancelled"


class EndpointQuerySet(models.QuerySet["Endpoint"]):
    def active(self) -> "EndpointQuerySet":
        """What is told of events: everything that is not paused."""
        return self.filter(active=True)

    def with_last_attempt(self) -> "EndpointQuerySet":
        """Each with the id of its latest attempt as `last_attempt_id`."""
        attempts = Attempt.objects.filter(call__endpoint=OuterRef("pk")).order_by("-at", "-pk")
        return self.annotate(last_attempt_id=Subquery(attempts.values("pk")[:1]))


class Endpoint(models.Model):
    """An address outside that is told of events, and the secret both sides know."""

    label = models.CharField(max_length=100)
    url = models.CharField("address", max_length=500)
    secret = models.CharField(max_length=100, default=new_secret, editable=False)
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = EndpointQuerySet.as_manager()

    # Filled in by `with_last_attempt`.
    last_attempt_id: int | None = None

    class Meta:
        ordering = ["label", "pk"]
        permissions = [("operate_webhooks", "Can add, test and remove webhooks")]

    def __str__(self) -> str:
        return f"{self.label} ({self.host})"

    def get_absolute_url(self) -> str:
        return reverse("webhook", args=[self.pk])

    @property
    def host(self) -> str:
        """What may be shown and recorded: the rest of an address is often a secret itself."""
        return urlsplit(self.url).hostname or ""


class Call(models.Model):
    """One event for one endpoint: what is told, word for word, and under which id."""

    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="calls")
    event = models.CharField(max_length=100)
    kind = models.CharField(max_length=40)
    # The post or comment told of, by its key alone: it may go, and its app knows nothing of us.
    subject = models.BigIntegerField(null=True, blank=True)
    message_id = models.UUIDField(default=uuid.uuid4, editable=False)
    body = models.TextField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    # When it was asked for last: an operator may ask once more.
    requested_at = models.DateTimeField(default=timezone.now, editable=False)
    accepted_at = models.DateTimeField(null=True, blank=True)
    cancelled = models.CharField("why it was not sent", max_length=100, blank=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["endpoint", "event"], name="webhook_call_once"),
        ]
        indexes = [
            models.Index(fields=["endpoint", "-created_at", "-id"], name="webhook_call_log"),
            models.Index(
                fields=["created_at"],
                name="webhook_call_ended",
                condition=Q(accepted_at__isnull=False) | ~Q(cancelled=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.endpoint_id}"

    @property
    def webhook_id(self) -> str:
        """The same for every attempt: by it the receiver knows what it has already."""
        return f"msg_{self.message_id.hex}"

    @property
    def state(self) -> State:
        """How it stands, read from what happened; prefetch `attempts` for lists."""
        if self.accepted_at is not None:
            return State.ACCEPTED
        if self.cancelled:
            return State.CANCELLED
        last = next(iter(self.attempts.all()), None)
        if last is None or last.at < self.requested_at:
            return State.WAITING
        return last.state


class Attempt(models.Model):
    """One request.  It is written before the network is touched, and completed afterwards."""

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="attempts")
    at = models.DateTimeField(default=timezone.now, editable=False)
    milliseconds = models.PositiveIntegerField(null=True, blank=True)
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    error = models.CharField(max_length=300, blank=True)
    excerpt = models.CharField(max_length=EXCERPT_LENGTH, blank=True)
    # Nobody can know whether the receiver has it: we died, or its answer never came.
    uncertain = models.BooleanField(default=False)

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.state}"

    @property
    def state(self) -> State:
        if self.uncertain:
            return State.UNCERTAIN
        if self.milliseconds is None:
            young = self.at > timezone.now() - UNDER_WAY
            return State.WAITING if young else State.UNCERTAIN
        accepted = self.status is not None and 200 <= self.status < 300
        return State.ACCEPTED if accepted else State.REFUSED
