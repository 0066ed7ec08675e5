"""Renditions: one stored original in the sizes and formats that browsers are offered.

Their names follow from the original's, so that they go with it even when no row is left to ask.
This module knows names and sizes; `media.scaling` makes the files, and which rows show them is
the matter of `media.pictures`.
"""

import re
from typing import Any, NamedTuple, TypedDict

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


class Pictures(NamedTuple):
    """What a model says of its pictures, as its attribute `pictures`: whose they are, which shape.

    `owner` is the column of the user they count for.
    """

    owner: str
    are_square: bool = False


class BrokenImageError(ValueError):
    """The original is there, and no image that can be read; trying again would not help."""


class TooLargeError(BrokenImageError):
    """It would unpack to more pixels than the site reads (`MAX_IMAGE_PIXELS`)."""


class Facts(TypedDict, total=False):
    """What a row knows of its image, so that no page opens a file.

    `of` names the original the rest is about: a row that has another image meanwhile knows
    nothing of that one.  `bytes` is its size; `widths` and `formats` say which renditions exist.
    """

    of: str
    bytes: int
    width: int
    height: int
    widths: list[int]
    formats: list[str]


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
