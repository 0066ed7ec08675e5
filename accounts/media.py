"""Uploaded images: decoded, re-encoded and named by us; removed when nobody refers to them."""

import io
import secrets
import warnings
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import models
from django.db.models.fields.files import FieldFile
from PIL import ExifTags, Image

from accounts.renditions import FORMATS, measured, originals_of, rendition_names
from signalflow import note

MAX_BYTES = 10 * 1024 * 1024
MAX_SIDE = 2400  # pixels; more than any screen shows of a blog post

# What the camera noted (TIFF tag 274) and what undoes it.
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def random_name(instance: models.Model, filename: str) -> str:
    """A name nobody can guess (128 random bits), under a folder for its model."""
    suffix = PurePosixPath(filename).suffix
    return f"{instance._meta.model_name}/{secrets.token_hex(16)}{suffix}"


def store(model: type[models.Model], upload: Any) -> str:
    """Keep a clean upload in the storage, before any transaction; returns its name.

    What is no fresh file (a stored one, or nothing) is passed on as its name.  A file whose
    transaction then fails is found by `media_gc`.
    """
    if isinstance(upload, File) and not isinstance(upload, FieldFile):
        return default_storage.save(random_name(model(), upload.name or ""), upload)
    return str(upload or "")


def store_measured(model: type[models.Model], field: str, upload: Any) -> dict[str, Any]:
    """As `store`; the values for the image field and for what the row knows of the image."""
    if not isinstance(upload, File) or isinstance(upload, FieldFile):
        return {field: store(model, upload)}
    facts = measured(upload)  # before the storage moves it away
    name = store(model, upload)
    return {field: name, f"{field}_renditions": {"of": name, **facts}}


def reencode(upload: UploadedFile) -> ContentFile:
    """The pixels of an upload as a new file: no metadata, no trailing bytes, upright.

    Raises ValidationError with a sentence for the person when the file is too large, is no
    image of an accepted format, or would unpack to an absurd size.
    """
    if (upload.size or 0) > MAX_BYTES:
        raise ValidationError("This image is larger than 10 MB. Please choose a smaller one.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            upload.seek(0)
            with Image.open(upload, formats=list(FORMATS)) as source:
                return _encode(source)
    except Exception:  # noqa: BLE001 - on hostile bytes decoders raise just anything
        raise ValidationError(
            "This file is not an image we can read. Use JPEG, PNG, WebP or GIF."
        ) from None


def _encode(source: Image.Image) -> ContentFile:
    kind = "PNG" if source.format == "GIF" else source.format or "PNG"
    source.thumbnail((MAX_SIDE, MAX_SIDE))
    image = _upright(source)
    if kind == "JPEG" or image.mode not in {"RGB", "RGBA", "L", "LA"}:
        image = image.convert("RGB" if kind == "JPEG" else "RGBA")
    clean = Image.new(image.mode, image.size)  # pixels alone: nothing else can come along
    clean.paste(image)
    buffer = io.BytesIO()
    clean.save(buffer, kind, **({"quality": 88, "optimize": True} if kind == "JPEG" else {}))
    return ContentFile(buffer.getvalue(), name=f"image.{FORMATS[kind]}")


def _upright(image: Image.Image) -> Image.Image:
    """As its camera was held.  Pillow's own function writes the metadata anew, and fails over
    photographs whose other notes are broken."""
    try:
        turn = _TURNS.get(image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # noqa: BLE001 - unreadable notes are no reason to refuse a picture
        turn = None
    return image if turn is None else image.transpose(turn)


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
