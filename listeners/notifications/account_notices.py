"""Telling people what happened to the access to their account, whoever did it.

They hear it at the address the account has, and where an address is given up, there as well: one
of the two is out of a thief's reach.  (`receivers` tells the old address of a new
one.)  An address that nobody confirmed is told nothing.
"""

from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress

from accounts.models import User
from accounts.signals import address_added, address_removed, email_changed, password_changed
from listeners.notifications.outbox import Recipient, enqueue
from signalflow import DURABLE, receiver

YOURS = "This is the address of your account."
NO_MORE = "This was an address of your account."


def event(user: User, about: str, moment: datetime) -> str:
    """What names one change, so that it is told once to each address."""
    return f"user:{user.pk}:{about}:{moment:%Y%m%d%H%M%S%f}"


def masked(address: str) -> str:
    """An address as somebody who should not learn it may see it."""
    name, _, host = address.partition("@")
    return f"{name[:1]}…@{host}"


def own(user: User) -> list[Recipient]:
    """The person at the account's address, if that was confirmed."""
    rows = EmailAddress.objects.filter(user=user, email__iexact=user.email, verified=True)
    return [Recipient(user.email, [YOURS])] if rows.exists() else []


@receiver(email_changed, when=DURABLE)
def queue_notice_to_new_address(user: User, new: str, moment: datetime, **kwargs: Any) -> None:
    if user.email == new:  # it may be another one again
        enqueue("email_changed", event(user, "email", moment), own(user), user=user.pk, new=new)


@receiver(password_changed, when=DURABLE)
def queue_notice_of_new_password(user: User, moment: datetime, **kwargs: Any) -> None:
    enqueue("password_changed", event(user, "password", moment), own(user), user=user.pk)


@receiver(address_added, when=DURABLE)
def queue_notice_of_added_address(
    user: User, address: str, moment: datetime, **kwargs: Any
) -> None:
    data = {"user": user.pk, "address": masked(address)}
    enqueue("address_added", event(user, "added", moment), own(user), **data)


@receiver(address_removed, when=DURABLE)
def queue_notice_of_removed_address(
    user: User, address: str, confirmed: bool, moment: datetime, **kwargs: Any
) -> None:
    people = own(user)
    if confirmed:
        people.append(Recipient(address, [NO_MORE], {"was_confirmed": True}))
    data = {"user": user.pk, "address": address}
    enqueue("address_removed", event(user, "removed", moment), people, **data)
