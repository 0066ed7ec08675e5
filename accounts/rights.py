"""Saying whose rights changed, whoever changed them: page, admin, command or shell."""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.db.models import Model
from django.db.models.signals import m2m_changed, post_save

from accounts.fields import changed
from accounts.models import User
from accounts.signals import rights_changed
from signalflow import receiver


@receiver(post_save, sender=User)
def announce_marks(instance: User, update_fields: Any, **kwargs: Any) -> None:
    names = changed(instance, update_fields, *User.RIGHTS)
    given = [name for name in names if getattr(instance, name)]
    _announce(instance, given, [name for name in names if name not in given])


@receiver(m2m_changed, sender=User.groups.through)
@receiver(m2m_changed, sender=User.user_permissions.through)
@receiver(m2m_changed, sender=Group.permissions.through)
def announce_grants(
    instance: Any, action: str, reverse: bool, model: Any, pk_set: Any, **kwargs: Any
) -> None:
    if action not in {"post_add", "post_remove", "pre_clear"}:
        return
    rows = _others(instance, model, kwargs["sender"], None if action == "pre_clear" else pk_set)
    pairs = [(row, [instance]) for row in rows] if reverse else [(instance, rows)]
    for holder, rights in pairs:
        names = [_name(right) for right in rights]
        _announce(holder, *((names, []) if action == "post_add" else ([], names)))


def _others(instance: Model, model: type[Model], through: Any, ids: set[Any] | None) -> list[Model]:
    """The rows at the other end; without `ids`, all that are still linked."""
    rows = model._default_manager.all()
    if ids is None:
        here, there = (_link(through, type(instance)), _link(through, model))
        ids = set(through.objects.filter(**{here: instance.pk}).values_list(there, flat=True))
    return list(rows.filter(pk__in=ids).order_by("pk"))


def _link(through: Any, model: type[Model]) -> str:
    return next(f.attname for f in through._meta.fields if f.related_model is model)


def _name(right: Model) -> str:
    if isinstance(right, Permission):
        return f"{right.content_type.app_label}.{right.codename}"
    return f"group {right}"


def _announce(holder: Any, given: Iterable[str], taken: Iterable[str]) -> None:
    if given or taken:
        rights_changed.send(sender=type(holder), holder=holder, given=given, taken=taken)
