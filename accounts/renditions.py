"""Renditions: one stored original in the sizes and formats that browsers are offered.

Their names follow from the original's, so that they go with it even when no row is left to ask.
This module knows files alone; which rows show them is the matter of `accounts.pictures`.
"""

import io
import re
import warnings
from collections.abc import Iterable
from typing import Any, TypedDict

from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from PIL import Image, ImageOps, features

from signalflow import failpoints, renew_lease

FORMATS = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp", "GIF": "png"}  # of originals
WIDTHS = (480, 960, 1600)  # pixels: a phone; a column, or a sharp phone; a wide or sharp screen
SQUARES = (96, 192)  # pixels: an avatar beside a comment and in the author box, or sharp ones

# In the order in which browsers shall prefer them.  Both qualities look alike beside the
# original.  AVIF at speed 8: 6 takes thirteen times as long for the same size.  One thread, as
# the web server has work to do meanwhile, and the bytes are the same on every machine.
SETTINGS: dict[str, dict[str, Any]] = {
    "avif": {"quality": 60, "speed": 8, "max_threads": 1},
    "webp": {"quality": 82, "method": 4},
}

_NAME = re.compile(rf"(?P<stem>.+)-\d+\.(?:{'|'.join(SETTINGS)})")


class BrokenImageError(ValueError):
    """The original is there, and no image that can be read; trying again would not help."""


class Facts(TypedDict, total=False):
    """What a row knows of its image, so that no page opens a file.

    `of` names the original the rest is about: a row that has another image meanwhile knows
    nothing of that one.  `widths` and `formats` say which renditions exist.
    """

    of: str
    width: int
    height: int
    widths: list[int]
    formats: list[str]


def supported() -> list[str]:
    """The formats that the installed Pillow can write."""
    return [each for each in SETTINGS if features.check(each)]


def rendition_name(name: str, width: int, kind: str = "webp") -> str:
    """Where the rendition of at most this width is kept."""
    return f"{name.rpartition('.')[0]}-{width}.{kind}"


def rendition_names(name: str) -> list[str]:
    """Every name a rendition of this original may have."""
    return [rendition_name(name, width, kind) for width in WIDTHS + SQUARES for kind in SETTINGS]


def originals_of(name: str) -> list[str]:
    """The names an original may have whose rendition this one is."""
    found = _NAME.fullmatch(name)
    return [f"{found['stem']}.{suffix}" for suffix in set(FORMATS.values())] if found else []


def widths_for(width: int) -> list[int]:
    """The widths to offer of an original of this width; the last one may have fewer pixels."""
    return [each for smaller, each in zip((0, *WIDTHS), WIDTHS, strict=False) if smaller < width]


def measured(upload: File) -> Facts:
    """Width and height of an upload; nothing if it is no image."""
    try:
        return _sizes(_decoded(_content(upload)))
    except BrokenImageError:
        return {}
    finally:
        upload.seek(0)


def make_scaled(name: str) -> Facts:
    """Write the renditions of a picture at WIDTHS, never larger than it is; again is harmless.

    Raises FileNotFoundError if the original is gone, BrokenImageError if it cannot be read.
    """
    image = _stored(name)
    widths = widths_for(image.width)
    _write(name, ((each, _scaled(image, each)) for each in widths), supported())
    return {"of": name, **_sizes(image), "widths": widths, "formats": supported()}


def make_squares(name: str) -> Facts:
    """Write the square renditions of an avatar: WebP alone, as so few pixels gain nothing more.

    Raises as `make_scaled`.
    """
    image = _stored(name)
    _write(name, ((side, ImageOps.fit(image, (side, side))) for side in SQUARES), ["webp"])
    return {"of": name, **_sizes(image), "widths": list(SQUARES), "formats": ["webp"]}


def _sizes(image: Image.Image) -> Facts:
    return {"width": image.width, "height": image.height}


def _content(file: File) -> bytes:
    file.seek(0)
    return bytes(file.read())


def _stored(name: str) -> Image.Image:
    # Read before it is decoded: a storage that does not answer is no broken image.
    with default_storage.open(name) as file:
        image = _decoded(_content(file))
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def _decoded(content: bytes) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(content), formats=list(FORMATS))
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
