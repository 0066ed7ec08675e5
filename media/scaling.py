"""Measuring originals and writing their renditions: what needs Pillow.

Pillow is large, and a web process that answers readers alone never needs it: this module is
imported where it is called.
"""

import io
from collections.abc import Iterable

from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from PIL import Image, ImageOps, features

from media.decoding import BusyError, examined, turn
from media.renditions import (
    SETTINGS,
    SQUARES,
    BrokenImageError,
    Facts,
    rendition_name,
    widths_for,
)
from signalflow import failpoints, renew_lease


def supported() -> list[str]:
    """The formats that the installed Pillow can write."""
    return [each for each in SETTINGS if features.check(each)]


def measured(upload: File) -> Facts:
    """Width, height and size of an upload; nothing if it is no image that can be read now."""
    content = _content(upload)
    try:
        with turn():
            return _facts(_decoded(content), content)
    except (BrokenImageError, BusyError):
        return {}
    finally:
        upload.seek(0)


def make_scaled(name: str) -> Facts:
    """Write the renditions of a picture at WIDTHS, never larger than it is; again is harmless.

    Raises FileNotFoundError if the original is gone, BrokenImageError if it cannot be read,
    BusyError if others are being read for too long.
    """
    content = _stored(name)
    with turn():
        image = _plain(_decoded(content))
        widths = widths_for(image.width)
        _write(name, ((each, _scaled(image, each)) for each in widths), supported())
        return {"of": name, **_facts(image, content), "widths": widths, "formats": supported()}


def make_squares(name: str) -> Facts:
    """Write the square renditions of an avatar: WebP alone, as so few pixels gain nothing more.

    Raises as `make_scaled`.
    """
    content = _stored(name)
    with turn():
        image = _plain(_decoded(content))
        _write(name, ((side, ImageOps.fit(image, (side, side))) for side in SQUARES), ["webp"])
        sides = list(SQUARES)
        return {"of": name, **_facts(image, content), "widths": sides, "formats": ["webp"]}


def _facts(image: Image.Image, content: bytes) -> Facts:
    return {"width": image.width, "height": image.height, "bytes": len(content)}


def _content(file: File) -> bytes:
    file.seek(0)
    return bytes(file.read())


def _stored(name: str) -> bytes:
    # Read before it is decoded: a storage that does not answer is no broken image.
    with default_storage.open(name) as file:
        return _content(file)


def _plain(image: Image.Image) -> Image.Image:
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def _decoded(content: bytes) -> Image.Image:
    image = examined(content)
    try:
        image.load()
    except Exception as error:  # noqa: BLE001 - on hostile bytes decoders raise just anything
        raise BrokenImageError(f"not an image that can be read: {error}"[:200]) from None
    return image


def _scaled(image: Image.Image, width: int) -> Image.Image:
    if width >= image.width:
        return image
    height = max(1, round(image.height * width / image.width))
    return image.resize((width, height), Image.Resampling.LANCZOS)


def _write(name: str, images: Iterable[tuple[int, Image.Image]], kinds: list[str]) -> None:
    for width, image in images:
        for kind in kinds:
            target = rendition_name(name, width, kind)
            default_storage.delete(target)  # what a crash left, perhaps half written
            saved = default_storage.save(target, ContentFile(_encoded(image, kind)))
            if saved != target:  # another process was faster, with the same bytes
                default_storage.delete(saved)
            failpoints.reach("rendition written")
            renew_lease()  # a large AVIF takes seconds


def _encoded(image: Image.Image, kind: str) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind.upper(), **SETTINGS[kind])
    return buffer.getvalue()
