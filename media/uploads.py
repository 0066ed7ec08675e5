"""Uploaded images: decoded and re-encoded, so that nothing but their pixels is kept.

As `media.scaling` it needs Pillow, and is imported where it is called.
"""

import io

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from PIL import ExifTags, Image

from media.decoding import BusyError, examined, turn
from media.renditions import FORMATS, TooLargeError

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
    image of an accepted format, would unpack to too many pixels, or when other pictures are being
    read for too long.
    """
    if (upload.size or 0) > MAX_BYTES:
        raise ValidationError("This image is larger than 10 MB. Please choose a smaller one.")
    upload.seek(0)
    try:
        with turn(), examined(upload.read()) as source:
            return _encode(source)
    except TooLargeError:
        most = settings.MAX_IMAGE_PIXELS // 1_000_000
        raise ValidationError(
            _("This picture has more than %d million pixels. Please make it smaller.") % most
        ) from None
    except BusyError:
        raise ValidationError(
            _("Other pictures are being read just now. Please send yours again in a moment.")
        ) from None
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
