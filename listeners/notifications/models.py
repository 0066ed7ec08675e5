import secrets
import uuid

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone


def new_token() -> str:
    """128 random bits: nobody unsubscribes, or confirms, for somebody else by guessing."""
    return secrets.token_urlsafe(16)


class SubscriptionQuerySet(models.QuerySet["Subscription"]):
    def active(self) -> "SubscriptionQuerySet":
        """Confirmed and not ended: the only addresses that are ever told about a post."""
        return self.filter(confirmed_at__isnull=False, ended_at__isnull=True)


class Subscription(models.Model):
    """An address that wants to be told: of everything, an author, a tag, or a conversation."""

    email = models.EmailField()
    # "site", "author:3", "tag:5" or "thread:12": what is followed may live in any app, and go.
    target = models.CharField(max_length=40)
    label = models.CharField(max_length=250)
    token = models.CharField(max_length=30, unique=True, default=new_token, editable=False)
    requested_at = models.DateTimeField(default=timezone.now)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = SubscriptionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["email", "target"], name="subscription_once"),
        ]
        indexes = [
            models.Index(
                fields=["target", "email"],
                name="subscription_active",
                condition=Q(confirmed_at__isnull=False, ended_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email}: {self.target}"

    def get_absolute_url(self) -> str:
        return reverse("unsubscribe", args=[self.token])

    @property
    def is_active(self) -> bool:
        return self.confirmed_at is not None and self.ended_at is None


class Message(models.Model):
    """One mail to one person about one event: the outbox, and the record of what was sent."""

    class State(models.TextChoices):
        QUEUED = "queued"
        SENDING = "sending"
        SENT = "sent"
        CANCELLED = "cancelled"
        FAILED = "failed"

    event = models.CharField(max_length=100)
    kind = models.CharField(max_length=40)
    recipient = models.EmailField()
    data = models.JSONField(default=dict)
    reasons = models.JSONField(default=list)
    message_id = models.UUIDField(default=uuid.uuid4, editable=False)
    # In the link that ends what the mail was sent for; "" in those from before there was one.
    token = models.CharField(max_length=30, default=new_token, editable=False)
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    # Attempts of which nobody can know whether the server took the mail: we died, or lost the
    # connection, between its acceptance and our note of it.
    uncertain = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)
    # What opens an account: shown nowhere, and dropped once the mail has been sent or given up.
    secret = models.JSONField(default=dict, blank=True, editable=False)
    expires_at = models.DateTimeField(null=True, blank=True)  # of no use to anybody afterwards
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event", "recipient"], name="message_once"),
        ]
        indexes = [
            models.Index(
                fields=["state", "id"],
                name="message_unsent",
                condition=Q(state__in=["queued", "sending", "failed"]),
            ),
            models.Index(fields=["recipient", "created_at"], name="message_by_recipient"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.recipient} ({self.state})"

    def unsubscribe_path(self) -> str:
        """Where its reader ends what it was sent for."""
        return reverse("unsubscribe", args=[f"{self.pk}.{self.token}"])
