"""The doors of the accounts: each state change happens here and is announced once."""

from typing import Any

from django.db import models, transaction

from accounts.models import User, UserPreferences, UserProfile
from accounts.signals import (
    email_confirmed,
    preferences_updated,
    user_profile_updated,
    user_registered,
)
from accounts.text import with_line_feeds
from media.files import store
from media.signals import image_chosen

PROFILE_FIELDS = {"display_name", "bio", "website", "avatar"}
PREFERENCE_FIELDS = {"email_notifications", "theme", "time_zone"}


def profile_of(user: User) -> UserProfile:
    """The user's profile, made now if a bulk path left none."""
    profile: UserProfile | None = getattr(user, "profile", None)
    if profile is None:
        profile, _ = UserProfile.objects.get_or_create(user=user)
    return profile


def preferences_of(user: User) -> UserPreferences:
    """The user's preferences, made now if a bulk path left none."""
    preferences: UserPreferences | None = getattr(user, "preferences", None)
    if preferences is None:
        preferences, _ = UserPreferences.objects.get_or_create(user=user)
    return preferences


def announce_registration(user: User) -> None:
    """Say that somebody signed up, in the transaction that wrote the user."""
    user_registered.send(sender=User, user=user)


def announce_confirmation(user: User, address: str) -> None:
    """Say that an address was confirmed, in the transaction that wrote it."""
    email_confirmed.send(sender=User, user=user, address=address)


def update_profile(user: User, **changes: Any) -> list[str]:
    """Change a profile: lock it, write what differs, announce that once.

    A new avatar is stored before the transaction begins.  Returns the names of the fields
    that changed.  Raises TypeError for a field that is not the user's to change (statistics
    are recounted, never set), ValidationError for a value that is not allowed.
    """
    if "avatar" in changes:
        changes["avatar"] = store(UserProfile, changes["avatar"])
    profile_of(user)
    with transaction.atomic():
        profile = UserProfile.objects.select_for_update().get(user=user)
        changed = _write(profile, changes, PROFILE_FIELDS)
        if changed:
            user_profile_updated.send(
                sender=UserProfile, user=user, profile=profile, changed_fields=changed
            )
        if "avatar" in changed and profile.avatar.name:
            image_chosen.send(sender=UserProfile, name=profile.avatar.name)
    user.profile = profile
    return changed


@transaction.atomic
def update_preferences(user: User, **changes: Any) -> list[str]:
    """Change preferences; as `update_profile`."""
    preferences_of(user)
    preferences = UserPreferences.objects.select_for_update().get(user=user)
    changed = _write(preferences, changes, PREFERENCE_FIELDS)
    if changed:
        preferences_updated.send(
            sender=UserPreferences, user=user, preferences=preferences, changed_fields=changed
        )
    user.preferences = preferences
    return changed


def _write(row: models.Model, changes: dict[str, Any], allowed: set[str]) -> list[str]:
    """Set the values that differ and save just those columns; returns their names."""
    if unknown := sorted(changes.keys() - allowed):
        raise TypeError(f"cannot change {', '.join(unknown)} here")
    changes = {
        name: with_line_feeds(value) if isinstance(value, str) else value
        for name, value in changes.items()
    }
    changed = [name for name, value in changes.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, changes[name])
    if changed:
        row.full_clean(exclude={field.name for field in row._meta.fields} - set(changed))
        row.save(update_fields=changed)
    return changed
