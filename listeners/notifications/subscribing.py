"""The doors of subscriptions: ask, confirm, end."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from listeners.notifications.models import Subscription, new_token
from listeners.notifications.signals import subscription_requested

CONFIRM_DAYS = 7  # a link older than this belongs to a mail nobody remembers


@transaction.atomic
def subscribe(email: str, target: str, label: str) -> None:
    """Note the wish; a mail asks the owner of the address to confirm it.

    The answer is the same whether the address was known, active or new: it tells a stranger
    nothing.  `target` as in Subscription, `label` says it in words ("the tag travel").
    """
    row, _ = Subscription.objects.select_for_update().get_or_create(
        email=email.strip().lower(), target=target, defaults={"label": label[:250]}
    )
    if row.is_active:
        return
    if row.ended_at is not None:  # a link in an old mail must not revive what was ended
        row.confirmed_at = row.ended_at = None
        row.token = new_token()
    row.requested_at, row.label = timezone.now(), label[:250]
    row.save()
    subscription_requested.send(sender=Subscription, subscription=row)


@transaction.atomic
def confirm(token: str) -> Subscription | None:
    """Make a requested subscription active; None for a link that is unknown, ended or old."""
    row = Subscription.objects.select_for_update().filter(token=token, ended_at=None).first()
    if row is None or row.confirmed_at is not None:
        return row
    if row.requested_at < timezone.now() - timedelta(days=CONFIRM_DAYS):
        return None
    row.confirmed_at = timezone.now()
    row.save(update_fields=["confirmed_at"])
    return row


@transaction.atomic
def unsubscribe(token: str) -> Subscription | None:
    """End exactly this subscription; again is harmless.  None for an unknown token."""
    row = Subscription.objects.select_for_update().filter(token=token).first()
    if row is not None and row.ended_at is None:
        row.ended_at = timezone.now()
        row.save(update_fields=["ended_at"])
    return row
