"""Uploaded images: decoded and re-encoded, so that nothing but their pixels is kept.

As `accounts.scaling` it needs Pillow, and is imported where it is called.
"""

import io
import warnings

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from PIL import ExifTags, Image

from accounts.renditions import FORMATS

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
