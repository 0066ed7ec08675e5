"""Drawing the image that stands for a post without a picture where its link is shared."""

import io
import unicodedata

from PIL import Image, ImageDraw, ImageFont, features

from blog.social_images import SIZE

_PAPER, _INK, _QUIET, _LIGHT = "#131419", "#ebe5d9", "#ada69a", "#f4c464"  # tokens.css, by night
_EDGE = 80
_TITLE_TOP, _TITLE_HEIGHT = 150, 320
_LARGEST, _SMALLEST, _STEP = 92, 44, 6  # pixels of the title's type
_LEADING = 1.18

# Whichever the machine has, the faces of the site's own look first; Pillow brings the last resort
# with it, which knows little more than ASCII.
_FACES = (
    "P052-Roman.otf",
    "NotoSerif-Regular.ttf",
    "DejaVuSerif.ttf",
    "LiberationSerif-Regular.ttf",
    "Georgia.ttf",
    "NotoSerifCJK-Regular.ttc",
    "NotoSansCJK-Regular.ttc",
    "NotoSansArabic-Regular.ttf",
    "NotoSansHebrew-Regular.ttf",
    "NotoSansDevanagari-Regular.ttf",
    "NotoSansThai-Regular.ttf",
    "DejaVuSans.ttf",
)

Font = ImageFont.FreeTypeFont


def draw(title: str, author: str, site: str) -> bytes | None:
    """The image as PNG; None if no face here can write the title, as a misspelt one is worse.

    Signs and emoji without a glyph are left out, and so are an author or a site that the face
    cannot write.
    """
    face = _face_for(title)
    if face is None:
        return None
    image = Image.new("RGB", SIZE, _PAPER)
    pen = ImageDraw.Draw(image)
    _draw_line(pen, site, face, 64, _QUIET)
    _draw_title(pen, _written(title, face), face)
    pen.rounded_rectangle((_EDGE, 500, _EDGE + 96, 512), 6, fill=_LIGHT)  # dash
    pen.ellipse((_EDGE + 116, 500, _EDGE + 128, 512), fill=_LIGHT)  # dot
    _draw_line(pen, author, face, 536, _INK)
    buffer = io.BytesIO()
    image.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def can_draw(title: str) -> bool:
    """Whether `draw` would make an image for this title."""
    return _face_for(title) is not None


def _font(face: str, size: int) -> Font | None:
    try:
        return ImageFont.truetype(face, size)
    except OSError:  # which this machine does not have
        return None


def _face_for(text: str) -> Font | None:
    for face in _FACES:
        font = _font(face, _SMALLEST)
        if font is not None and _can_write(text, font):
            return font
    bundled = ImageFont.load_default(_SMALLEST)
    return bundled if isinstance(bundled, Font) and _can_write(text, bundled) else None


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _has(font: Font, char: str) -> bool:
    absent, mask = font.getmask("\U0010ffff"), font.getmask(char)
    return (mask.size, bytes(mask)) != (absent.size, bytes(absent))


def _can_write(text: str, font: Font) -> bool:
    """Whether the face has every letter, digit and accent of it, and at least one."""
    needed = {
        char
        for char in _plain(text)
        if unicodedata.category(char)[0] in "LNM" and not 0xFE00 <= ord(char) <= 0xFE0F
    }
    shaped = any(unicodedata.bidirectional(char) in {"R", "AL", "NSM"} for char in needed)
    if shaped and not features.check("raqm"):  # letters that join, or run to the left
        return False
    return bool(needed) and all(_has(font, char) for char in needed)


def _written(text: str, font: Font) -> str:
    """What the face can write of it, without the signs it does not know."""
    kept = (char if char.isspace() or _has(font, char) else " " for char in _plain(text))
    return " ".join("".join(kept).split())


def _draw_title(pen: ImageDraw.ImageDraw, title: str, face: Font) -> None:
    size = _LARGEST
    font, lines = face, [title]
    while True:
        font = face.font_variant(size=size)
        lines = _wrapped(title, font)
        if len(lines) * size * _LEADING <= _TITLE_HEIGHT or size <= _SMALLEST:
            break
        size -= _STEP
    fitting = int(_TITLE_HEIGHT // (size * _LEADING))
    if len(lines) > fitting:
        lines = [*lines[: fitting - 1], _cut(lines[fitting - 1], font)]
    for number, line in enumerate(lines):
        _draw_at(pen, line, font, round(_TITLE_TOP + number * size * _LEADING), _INK)


def _draw_line(pen: ImageDraw.ImageDraw, text: str, face: Font, top: int, colour: str) -> None:
    """One line of small type, cut if it is too long; nothing if the face cannot write it."""
    if not _can_write(text, face):
        return
    font = face.font_variant(size=34)
    written = _written(text, face)
    fits = font.getlength(written) <= SIZE[0] - 2 * _EDGE
    _draw_at(pen, written if fits else _cut(written, font), font, top, colour)


def _draw_at(pen: ImageDraw.ImageDraw, line: str, font: Font, top: int, colour: str) -> None:
    strong = (unicodedata.bidirectional(char) for char in line)
    first = next((kind for kind in strong if kind in {"L", "R", "AL"}), "L")
    place, anchor = (_EDGE, "la") if first == "L" else (SIZE[0] - _EDGE, "ra")
    pen.text((place, top), line, font=font, fill=colour, anchor=anchor)


def _wrapped(text: str, font: Font) -> list[str]:
    """Lines that fit; a word longer than a line, or a script without spaces, is broken."""
    lines = [""]
    for word in text.split():
        together = f"{lines[-1]} {word}".strip()
        if _fits(together, font):
            lines[-1] = together
            continue
        lines.append("")
        for char in word:
            if not _fits(lines[-1] + char, font):
                lines.append("")
            lines[-1] += char
    return [line for line in lines if line]


def _fits(line: str, font: Font) -> bool:
    return font.getlength(line) <= SIZE[0] - 2 * _EDGE


def _cut(line: str, font: Font) -> str:
    while line and not _fits(f"{line}…", font):
        line = line[:-1]
    return f"{line.rstrip()}…"
