"""Uploaded files: named and kept by us; removed when nobody refers to them."""

import logging
import secrets
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import models
from django.db.models.fields.files import FieldFile
from django.utils.translation import gettext as _

from media.renditions import originals_of, rendition_names
from signalflow import note

logger = logging.getLogger("heliograph.media")


def random_name(instance: models.Model, filename: str) -> str:
    """A name nobody can guess (128 random bits), under a folder for its model."""
    suffix = PurePosixPath(filename).suffix
    return f"{instance._meta.model_name}/{secrets.token_hex(16)}{suffix}"


def store(model: type[models.Model], upload: Any) -> str:
    """Keep a clean upload in the storage, before any transaction; returns its name.

    What is no fresh file (a stored one, or nothing) is passed on as its name.  A file whose
    transaction then fails is found by `media_gc`.  Raises ValidationError where the storage does
    not take it: the person can go on without it, and with all they typed.
    """
    if not isinstance(upload, File) or isinstance(upload, FieldFile):
        return str(upload or "")
    name = random_name(model(), upload.name or "")
    try:
        return default_storage.save(name, upload)
    except OSError as error:
        logger.error("%s could not be stored: %s", name, error.strerror or error)
        raise ValidationError(
            _(
                "The site could not keep this picture: its disk is full, or cannot be written "
                "to. Nothing was saved. Go on without the picture, or try again later."
            )
        ) from error


def store_measured(model: type[models.Model], field: str, upload: Any) -> dict[str, Any]:
    """As `store`; the values for the image field and for what the row knows of the image."""
    if not isinstance(upload, File) or isinstance(upload, FieldFile):
        return {field: store(model, upload)}
    from media.scaling import measured  # noqa: PLC0415 - Pillow, for uploads alone

    facts = measured(upload)  # before the storage moves it away
    name = store(model, upload)
    return {field: name, f"{field}_renditions": {"of": name, **facts}}


def _file_fields() -> Iterator[tuple[type[models.Model], str]]:
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, models.FileField):
                yield model, field.name


def is_referenced(name: str) -> bool:
    """Whether any row of any model has this file, or the file this one is a rendition of."""
    return bool(_held([name, *originals_of(name)]))


def _held(names: list[str]) -> set[str]:
    return {
        name
        for model, field in _file_fields()
        for name in model._base_manager.filter(**{f"{field}__in": names}).values_list(
            field, flat=True
        )
    }


def delete_unreferenced(name: str) -> bool:
    """Delete a file and its renditions unless a row refers to it; says whether it did."""
    if not name or is_referenced(name):
        return False
    names = [name, *rendition_names(name)]
    held = _held(names)  # an original that came from elsewhere may have any name
    for each in names:
        if each not in held:
            default_storage.delete(each)
    note("file removed")
    return True


def files_of(instance: models.Model) -> dict[str, str]:
    """The file names an instance holds now, by field."""
    return {
        field.name: getattr(instance, field.name).name or ""
        for field in instance._meta.concrete_fields
        if isinstance(field, models.FileField)
    }


def replaced_files(instance: models.Model, update_fields: Any) -> list[str]:
    """The names its row holds in the database that a save of `instance` will let go."""
    fields = [name for name in files_of(instance) if update_fields is None or name in update_fields]
    if instance._state.adding or not fields:
        return []
    stored = type(instance)._base_manager.filter(pk=instance.pk).values(*fields).first() or {}
    new = files_of(instance)
    return [name for field, name in stored.items() if name and name != new[field]]
