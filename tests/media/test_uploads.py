"""What becomes of the bytes somebody uploads: pixels and nothing else, or a sentence."""

import io
import random
import struct
import zlib
from contextlib import suppress

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from media import uploads
from media.uploads import reencode
from tests.samples import sample

CORNERS = {"red": (220, 30, 30), "green": (30, 200, 30), "blue": (30, 30, 220), "white": (250,) * 3}
GPS, ORIENTATION, SERIAL = 0x8825, 0x0112, 0xA431


def picture(mode: str = "RGB", size: tuple[int, int] = (80, 40)) -> Image.Image:
    """Four corners of different colours, so that its orientation can be seen."""
    image = Image.new("RGB", size)
    width, height = size[0] // 2, size[1] // 2
    for colour, place in zip(
        CORNERS.values(), [(0, 0), (width, 0), (0, height), (width, height)], strict=True
    ):
        image.paste(colour, (*place, place[0] + width, place[1] + height))
    return image.convert(mode)


def saved(image: Image.Image, kind: str, **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def upload(content: bytes, name: str = "x.jpg", kind: str = "image/jpeg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, kind)


def opened(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(reencode(upload(content)).read()))
    image.load()
    return image


def corner(image: Image.Image, right: bool, low: bool) -> str:
    rgb = image.convert("RGB")
    place = (rgb.width - 5 if right else 4, rgb.height - 5 if low else 4)
    pixel = rgb.getpixel(place)
    distance = {
        name: sum(abs(a - b) for a, b in zip(pixel, colour, strict=True))
        for name, colour in CORNERS.items()
    }
    return min(distance, key=distance.__getitem__)


def exif_with_everything(orientation: int = 1) -> Image.Exif:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    exif[0x010F], exif[0x013B] = "CAMERAMAKER", "ARTISTNAME"
    exif.get_ifd(GPS).update({1: "N", 2: (38.0, 42.0, 0.0), 3: "W", 4: (9.0, 8.0, 0.0)})
    exif.get_ifd(0x8769).update({SERIAL: "SERIAL12345"})
    return exif


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_nothing_but_pixels_is_kept(kind) -> None:
    extra = {"exif": exif_with_everything(), "icc_profile": b"SECRETPROFILE" * 20}
    if kind == "PNG":
        extra["pnginfo"] = notes = PngImagePlugin.PngInfo()
        notes.add_text("Comment", "SECRETCOMMENT")
    if kind == "JPEG":
        extra["comment"] = "SECRETCOMMENT"
    dirty = saved(picture(), kind, **extra)
    assert b"CAMERAMAKER" in dirty
    clean = reencode(upload(dirty)).read()
    for secret in (b"CAMERAMAKER", b"ARTISTNAME", b"SERIAL12345", b"SECRET", b"Exif", b"EXIF"):
        assert secret not in clean
    image = Image.open(io.BytesIO(clean))
    assert image.format == kind
    assert not dict(image.getexif())
    assert (
        not set(image.info)
        - {"jfif", "jfif_version", "jfif_unit", "jfif_density", "loop"}
        - {
            "background",
            "timestamp",
            "duration",
        }
    )


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_comes_out_upright(orientation) -> None:
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    image = picture()
    stored = image.transpose(undo[orientation]) if orientation in undo else image
    result = opened(saved(stored, "JPEG", exif=exif_with_everything(orientation), quality=95))
    assert result.size == (80, 40)
    found = [corner(result, right, low) for low in (False, True) for right in (False, True)]
    assert found == list(CORNERS)


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_broken_notes_do_not_spoil_a_picture(kind) -> None:
    content = saved(picture(), kind, exif=exif_with_everything(6))
    begin = content.index(b"MM\0*")
    for place in range(begin, begin + 200):
        for value in (0, 1, 7, 255):
            changed = bytearray(content)
            changed[place] = value
            if kind == "PNG":  # which has a checksum over its notes
                size = struct.unpack(">I", content[begin - 8 : begin - 4])[0]
                crc = zlib.crc32(changed[begin - 4 : begin + size])
                changed[begin + size : begin + size + 4] = struct.pack(">I", crc)
            assert opened(bytes(changed)).size in {(80, 40), (40, 80)}


def test_a_photograph_with_its_place_loses_the_place() -> None:
    path = sample("images", "gps.jpg")
    assert Image.open(path).getexif().get_ifd(GPS)
    assert not dict(opened(path.read_bytes()).getexif())


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_a_portrait_stands_upright(orientation) -> None:
    image = opened(sample("images", f"portrait_{orientation}.jpg").read_bytes())
    assert image.height > image.width


KINDS = "CMYK/JPEG L/JPEG P/PNG 1/PNG LA/PNG I;16/PNG RGBA/PNG P/GIF RGBA/WEBP"


@pytest.mark.parametrize(("mode", "kind"), [pair.split("/") for pair in KINDS.split()])
def test_every_kind_of_picture_is_taken(mode, kind) -> None:
    image = Image.new("I;16", (80, 40), 40_000) if mode == "I;16" else picture(mode)
    result = opened(saved(image, kind))
    assert result.size == (80, 40)
    assert result.format == ("PNG" if kind == "GIF" else kind)


def test_large_pictures_are_made_smaller() -> None:
    assert max(opened(saved(picture(size=(5000, 100)), "PNG")).size) == uploads.MAX_SIDE


# -- refused ------------------------------------------------------------------------------------


def bomb() -> bytes:
    """A PNG of 60,000 by 60,000 pixels in a few hundred bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        crc = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + crc

    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 100_000)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )


SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
HTML = b"<!doctype html><script>alert(1)</script>"

REFUSED = {
    "SVG": SVG,
    "SVG behind a declaration": b"<?xml version='1.0'?>" + SVG,
    "HTML": HTML,
    "PDF": b"%PDF-1.7\n1 0 obj\n",
    "PostScript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
    "script that begins like a GIF": b"GIF89a/*" + HTML + b"*/=alert(1);",
    "nothing": b"",
    "half a JPEG": saved(picture(size=(800, 400)), "JPEG")[:900],
    "half a PNG": saved(picture(size=(800, 400)), "PNG")[:400],
    "bitmap": saved(picture(), "BMP"),
    "TIFF": saved(picture(), "TIFF"),
    "bomb": bomb(),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_picture_is_refused_with_a_sentence(what) -> None:
    with pytest.raises(ValidationError) as refusal:
        reencode(upload(REFUSED[what], "harmless.png", "image/png"))
    (sentence,) = refusal.value.messages
    reason = "This picture has more than 40 million" if what == "bomb" else "This file is not an im"
    assert sentence.startswith(reason)


def test_too_many_bytes_are_refused() -> None:
    with pytest.raises(ValidationError, match="larger than 10 MB"):
        reencode(upload(b"x" * (uploads.MAX_BYTES + 1)))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP"])
def test_a_page_behind_the_pixels_is_left_behind(kind) -> None:
    clean = reencode(upload(saved(picture("P" if kind == "GIF" else "RGB"), kind) + HTML)).read()
    assert b"script" not in clean


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP"])
@settings(deadline=None, max_examples=120)
@given(seed=st.integers(0, 2**32), cut=st.floats(0.02, 1), flips=st.integers(0, 12))
def test_damaged_files_are_refused_and_never_an_error(kind, seed, cut, flips) -> None:
    dice = random.Random(seed)
    options = {} if kind == "GIF" else {"exif": exif_with_everything()}
    content = bytearray(saved(picture("P" if kind == "GIF" else "RGB"), kind, **options))
    for _ in range(flips):
        content[dice.randrange(len(content))] = dice.randrange(256)
    with suppress(ValidationError):
        reencode(upload(bytes(content[: int(len(content) * cut)])))
