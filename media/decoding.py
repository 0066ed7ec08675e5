"""Opening pictures: looked at before they are unpacked, and one at a time in each process.

A file of some kilobytes may unpack to gigabytes, and four of them at once take a machine.  As
`media.scaling` it needs Pillow, and is imported where it is called.
"""

import io
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from PIL import Image

from media.renditions import FORMATS, BrokenImageError, TooLargeError

TURN_SECONDS = 8  # one takes a second or two; who waits holds a thread of the web server

_turn = threading.RLock()


class BusyError(RuntimeError):
    """Other pictures are being read for longer than anybody should wait; later it will go."""


@contextmanager
def turn() -> Iterator[None]:
    """For as long as a picture is in memory: nobody else in this process has one meanwhile.

    Raises BusyError after TURN_SECONDS.
    """
    if not _turn.acquire(timeout=TURN_SECONDS):
        raise BusyError("other pictures are being read")
    try:
        yield
    finally:
        _turn.release()


def examined(content: bytes) -> Image.Image:
    """A picture of which the header was read and nothing else; call it with `turn` taken.

    Raises TooLargeError if it would have more than MAX_IMAGE_PIXELS, BrokenImageError if it is no
    picture of an accepted format.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # our limit is lower
            image = Image.open(io.BytesIO(content), formats=list(FORMATS))
    except Image.DecompressionBombError:
        raise TooLargeError("far more pixels than are read") from None
    except Exception as error:  # noqa: BLE001 - on hostile bytes decoders raise just anything
        raise BrokenImageError(f"not an image that can be read: {error}"[:200]) from None
    if image.width * image.height > settings.MAX_IMAGE_PIXELS:
        raise TooLargeError(f"{image.width} by {image.height} are more pixels than are read")
    return image
