"""The audit trail of people: who came, what they changed of themselves, who gave which rights.

As in `listeners.audit.receivers`: none can be muted, and an error undoes the change.
"""

from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db.models import Model

from accounts.addresses import client_address
from accounts.models import User
from accounts.signals import (
    address_added,
    address_removed,
    email_changed,
    password_changed,
    preferences_updated,
    rights_changed,
    user_profile_updated,
    user_registered,
    user_renamed,
)
from listeners.audit.recording import record
from signalflow import receiver


@receiver(user_registered, mutable=False)
def record_registration(user: User, **kwargs: Any) -> None:
    record("registered", user, actor=user)


@receiver(user_profile_updated, mutable=False)
def record_profile(user: User, changed_fields: list[str], **kwargs: Any) -> None:
    record("changed the profile of", user, fields=changed_fields)


@receiver(preferences_updated, mutable=False)
def record_preferences(user: User, changed_fields: list[str], **kwargs: Any) -> None:
    record("changed the settings of", user, fields=changed_fields)


@receiver(user_renamed, mutable=False)
def record_new_name(user: User, changed_fields: list[str], **kwargs: Any) -> None:
    record("renamed", user, fields=changed_fields)


@receiver(email_changed, mutable=False)
def record_email(user: User, **kwargs: Any) -> None:
    record("changed the e-mail address of", user)  # the addresses themselves are personal


@receiver(address_added, mutable=False)
def record_added_address(user: User, **kwargs: Any) -> None:
    record("added an e-mail address to", user)


@receiver(address_removed, mutable=False)
def record_removed_address(user: User, **kwargs: Any) -> None:
    record("removed an e-mail address of", user)


@receiver(password_changed, mutable=False)
def record_password(user: User, **kwargs: Any) -> None:
    record("changed the password of", user)


@receiver(rights_changed, mutable=False)
def record_rights(holder: Model, given: list[str], taken: list[str], **kwargs: Any) -> None:
    record("changed the rights of", holder, given=given, taken=taken)


@receiver(user_logged_in, mutable=False)
def record_login(request: Any, user: User, **kwargs: Any) -> None:
    record("signed in", user, actor=user, address=client_address(request))


@receiver(user_logged_out, mutable=False)
def record_logout(request: Any, user: User | None, **kwargs: Any) -> None:
    if user is not None:  # a session that had ended already
        record("signed out", user, actor=user, address=client_address(request))


@receiver(user_login_failed, mutable=False)
def record_failed_login(credentials: dict[str, Any], request: Any = None, **kwargs: Any) -> None:
    name = next(
        (str(credentials[key]) for key in ("username", "email") if credentials.get(key)), ""
    )
    address = client_address(request) if request is not None else ""
    record("failed to sign in", actor=None, address=address, label=name)
