"""What the accounts react to."""

from typing import Any

from allauth.account.models import EmailAddress
from django.apps import apps as django_apps
from django.conf import settings
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission
from django.contrib.auth.signals import user_logged_out
from django.db.models.signals import post_delete, post_migrate, post_save, pre_save
from django.http import HttpRequest
from django.middleware.csrf import rotate_token
from django.utils import timezone

from accounts.fields import changed, touched
from accounts.models import User, UserPreferences, UserProfile
from accounts.signals import email_changed, user_renamed
from media.files import files_of, replaced_files
from media.signals import files_released
from signalflow import receiver
from signalflow.signals import reconcile_requested


@receiver(post_save, sender=settings.AUTH_USER_MODEL)
def give_profile_and_preferences(instance: User, created: bool, **kwargs: Any) -> None:
    """Sign-up, admin, shell or import: every new user has both."""
    if created:
        UserProfile.objects.get_or_create(user=instance)
        UserPreferences.objects.get_or_create(user=instance)


@receiver(pre_save, sender=User)
def remember_stored_values(instance: User, update_fields: Any, **kwargs: Any) -> None:
    """Only before the save does the database still know the old ones."""
    instance.stored = {}
    if not instance._state.adding and touched(update_fields, *User.ANNOUNCED):
        rows = User.objects.filter(pk=instance.pk)
        instance.stored = rows.values(*User.ANNOUNCED).first() or {}


@receiver(post_save, sender=User)
def announce_email_change(instance: User, update_fields: Any, **kwargs: Any) -> None:
    old = instance.stored.get("email")
    if old and changed(instance, update_fields, "email"):
        email_changed.send(
            sender=User,
            user=instance,
            old=old,
            new=instance.email,
            was_confirmed=EmailAddress.objects.filter(email__iexact=old, verified=True).exists(),
            moment=timezone.now(),
        )


@receiver(post_save, sender=User)
def announce_new_name(instance: User, update_fields: Any, **kwargs: Any) -> None:
    if names := changed(instance, update_fields, *User.NAMES):
        user_renamed.send(sender=User, user=instance, changed_fields=names)


@receiver(user_logged_out)
def part_their_forms(request: HttpRequest | None, **kwargs: Any) -> None:
    """Who comes next gets forms of another token, so each form has one owner (interrupted/)."""
    if request is not None:
        rotate_token(request)


@receiver(pre_save, sender=UserProfile)
def release_replaced_avatar(instance: UserProfile, update_fields: Any, **kwargs: Any) -> None:
    if names := replaced_files(instance, update_fields):
        files_released.send(sender=UserProfile, names=names)


@receiver(post_delete, sender=UserProfile)
def release_avatar(instance: UserProfile, **kwargs: Any) -> None:
    if names := [name for name in files_of(instance).values() if name]:
        files_released.send(sender=UserProfile, names=names)


@receiver(post_migrate, sender=django_apps.get_app_config("accounts"))
def create_missing_roles(**kwargs: Any) -> None:
    """Groups are made once: what an administrator later takes away stays away."""
    missing = [name for name in settings.ROLES if not Group.objects.filter(name=name).exists()]
    if not missing:
        return
    for config in django_apps.get_app_configs():
        create_permissions(config, verbosity=0)  # this signal may come before auth's own
    for name in missing:
        group = Group.objects.create(name=name)
        link = Group.permissions.through  # past the signals: a new role changes nobody's rights
        granted = _permissions(settings.ROLES[name])
        link.objects.bulk_create([link(group=group, permission=row) for row in set(granted)])


def _permissions(labels: list[str]) -> list[Permission]:
    pairs = [label.split(".") for label in labels]
    return [
        permission
        for app, codename in pairs
        for permission in Permission.objects.filter(content_type__app_label=app, codename=codename)
    ]


@receiver(reconcile_requested)
def give_missing_profiles(repair: bool, **kwargs: Any) -> list[str]:
    """`bulk_create`, raw SQL and fixtures make users no signal saw."""
    findings = []
    for model in (UserProfile, UserPreferences):
        served = model._default_manager.values_list("user_id", flat=True)
        for user in User.objects.exclude(pk__in=served):
            findings.append(f"user {user.username}: no {model._meta.verbose_name}")
            if repair:
                model._default_manager.get_or_create(user=user)
    return findings
