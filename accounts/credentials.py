"""Saying that what gives access to an account changed: its password and its addresses."""

from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import is_password_usable
from django.db.models import QuerySet
from django.db.models.signals import post_delete, post_save
from django.utils import timezone

from accounts.fields import changed
from accounts.models import User
from accounts.signals import address_added, address_removed, password_changed
from signalflow import receiver


@receiver(post_save, sender=User)
def announce_new_password(instance: User, update_fields: Any, **kwargs: Any) -> None:
    if changed(instance, update_fields, "password") and not _only_renewed(instance):
        password_changed.send(sender=User, user=instance, moment=timezone.now())


def _only_renewed(user: User) -> bool:
    """Whether the same password was only hashed anew, as Django does at a sign-in.

    `set_password` leaves the raw password on the row until it is saved; a renewal does not.
    The attribute is Django's own; its stubs leave it out.
    """
    usable, was_usable = map(is_password_usable, (user.password, user.stored["password"]))
    return usable == was_usable and user._password is None  # type: ignore[attr-defined]


@receiver(post_save, sender=EmailAddress)
def announce_added_address(instance: EmailAddress, created: bool, **kwargs: Any) -> None:
    if created and instance.email.lower() != instance.user.email.lower():
        address_added.send(
            sender=User, user=instance.user, address=instance.email, moment=timezone.now()
        )


@receiver(post_delete, sender=EmailAddress)
def announce_removed_address(instance: EmailAddress, origin: Any, **kwargs: Any) -> None:
    """An account that is deleted takes its addresses along: nobody is left to be told."""
    if (origin.model if isinstance(origin, QuerySet) else type(origin)) is EmailAddress:
        address_removed.send(
            sender=User,
            user=instance.user,
            address=instance.email,
            confirmed=instance.verified,
            moment=timezone.now(),
        )
