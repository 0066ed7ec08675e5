"""Bodies: a form's fields as they should come, and in every shape they should not."""

from collections.abc import Iterator
from random import Random
from urllib.parse import quote_from_bytes

CHARSETS = [
    "bogus",
    "hex",
    "base64",
    "zlib",
    "rot13",
    "undefined",
    "idna",
    "punycode",
    "utf-7",
    "utf-16",
    "unicode_escape",
    "raw_unicode_escape",
    "latin-1",
    "a\0b",
    "\xe9",
    "utf-8;x",
    '"',
    "x" * 999,
    "UTF8",
]
TYPES = [
    "",
    ";",
    "/",
    "x",
    "application/json",
    "text/plain",
    "application/octet-stream",
    "multipart/form-data",
    "multipart/form-data; boundary=",
    "multipart/form-data; boundary=" + "x" * 300,
    "multipart/form-data; boundary=\xff",
    "multipart/form-data; boundary=\0",
    "multipart/mixed; boundary=x",
    "multipart/form-data; boundary*=bogus'en'x",
    "text/plain; charset*=utf-8'en'%FF",
    "text/plain; charset*0*=hex'en'x",
    "a/b; x*=a\0b'en'x",
    "=?utf-8?q?=00?=; charset=x",
    "application/x-www-form-urlencoded;" * 900,
    "application/x-www-form-urlencoded\xff",
]
FORM = "application/x-www-form-urlencoded"
Body = tuple[str, bytes, str]  # its type, itself, the length that is said
Fields = list[tuple[str, bytes]]
File = tuple[str, bytes, bytes]  # the field, what it is called, what is in it

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\xff\xff\xff\xff\xff\xff\xff\xff\x08\x06\0\0\0"
FILES: list[tuple[bytes, bytes]] = [
    (b"x.png", b""),
    (b"x.png", b"\0"),
    (b"x.png", PNG),
    (b"x.png", b"\x89PNG\r\n\x1a\n\0"),
    (b"x.gif", b"GIF89a\xff\xff\xff\xff\xf7\0\0"),
    (b"x.jpg", b"\xff\xd8\xff\xe0\0\x10JFIF\0" + b"\xff" * 500),
    (b"x.webp", b"RIFF\xff\xff\xff\xffWEBPVP8X"),
    (b"x.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>"),
    (b"x.tif", b"II*\0\xff\xff\xff\xff"),
    (b"x.eps", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 99999 99999\n"),
    (b"x.png" * 2_000, b"x"),
    (b"x\xff\0.png", b"x"),
    ("\u202egnp.x".encode(), b"x"),
    (b"../../x.png", b"x"),
    (b".", b"x"),
]


def urlencoded(fields: Fields) -> bytes:
    return b"&".join(
        quote_from_bytes(name.encode("utf-8", "surrogateescape")).encode()
        + b"="
        + quote_from_bytes(value).encode()
        for name, value in fields
    )


def multipart(
    fields: Fields, files: list[File] | None = None, boundary: bytes = b"zq", more: bytes = b""
) -> bytes:
    parts = [
        b'--%b\r\nContent-Disposition: form-data; name="%b"\r\n%b\r\n%b\r\n'
        % (boundary, name.encode(), more, value)
        for name, value in fields
    ]
    parts += [
        b'--%b\r\nContent-Disposition: form-data; name="%b"; filename="%b"\r\n'
        b"Content-Type: image/png; charset=bogus\r\n\r\n%b\r\n"
        % (boundary, name.encode(), called, value)
        for name, called, value in files or []
    ]
    return b"".join(parts) + b"--%b--\r\n" % boundary


def every_shape(fields: Fields, random: Random) -> Iterator[Body]:
    """A form's fields in every shape a body can have."""
    plain, parts = urlencoded(fields), multipart(fields)
    mixed = "multipart/form-data; boundary=zq"
    for charset in CHARSETS:
        yield f"{FORM}; charset={charset}", plain, str(len(plain))
        yield f"{mixed}; charset={charset}", parts, str(len(parts))
    for content_type in TYPES:
        yield (
            content_type,
            random.choice((plain, parts, b'{"a": ', b"[" * 50_000, b"\xff\0")),
            "900",
        )
    for length in ("", "0", "-1", "x", "\u0661", "1", "9" * 30, "9" * 5_000, "\xff"):
        yield FORM, plain, length
        yield mixed, parts, length
    for broken in (
        parts[: len(parts) // 2],
        parts[:-6],
        parts.replace(b"\r\n", b"\n"),
        b"--zq",
        b"",
        b"--zq--",
    ):
        yield mixed, broken, str(len(broken))
    many = urlencoded([*fields, *((f"f{n}", b"1") for n in range(2_000))])
    yield FORM, many, str(len(many))
    for body in _multiparts(fields):
        yield mixed, body, str(len(body))
    big = plain + b"&zq=" + b"x" * 3_000_000
    yield FORM, big, str(len(big))


def _multiparts(fields: Fields) -> Iterator[bytes]:
    yield multipart([*fields, *((f"f{n}", b"1") for n in range(2_000))])
    yield multipart(fields, [(f"f{n}", b"x", b"x") for n in range(200)])
    yield multipart(fields, [(name, b"x", value) for name, _ in fields for value in (PNG, b"")])
    yield multipart(fields, more=b"Content-Transfer-Encoding: base64\r\n")
    yield multipart(fields, more=b"Content-Transfer-Encoding: \xff\r\nContent-Length: x\r\n")
    yield multipart(fields, more=b"X: " + b"y" * 5_000 + b"\r\n")
    yield multipart([("x\xff\0\r", b"1"), ("", b"1"), *fields])
    yield multipart([*fields, ("zq", b"x" * 3_000_000)])
