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


def urlencoded(fields: Fields) -> bytes:
    return b"&".join(
        quote_from_bytes(name.encode("utf-8", "surrogateescape")).encode()
        + b"="
        + quote_from_bytes(value).encode()
        for name, value in fields
    )


def multipart(
    fields: Fields, files: Fields = (), boundary: bytes = b"zq", more: bytes = b""
) -> bytes:
    parts = [
        b'--%b\r\nContent-Disposition: form-data; name="%b"\r\n%b\r\n%b\r\n'
        % (boundary, name.encode(), more, value)
        for name, value in fields
    ]
    parts += [
        b'--%b\r\nContent-Disposition: form-data; name="%b"; filename="x\xff.png"\r\n'
        b"Content-Type: image/png; charset=bogus\r\n\r\n%b\r\n" % (boundary, name.encode(), value)
        for name, value in files or []
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
    yield multipart(fields, [(f"f{n}", b"x") for n in range(200)])
    yield multipart(
        fields, [(name, value) for name, _ in fields for value in (b"\x89PNG\r\n\x1a\n\0", b"")]
    )
    yield multipart(fields, more=b"Content-Transfer-Encoding: base64\r\n")
    yield multipart(fields, more=b"Content-Transfer-Encoding: \xff\r\nContent-Length: x\r\n")
    yield multipart(fields, more=b"X: " + b"y" * 5_000 + b"\r\n")
    yield multipart([("x\xff\0\r", b"1"), ("", b"1"), *fields])
    yield multipart([*fields, ("zq", b"x" * 3_000_000)])
