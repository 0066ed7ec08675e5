"""No picture takes more memory than the site has, and no account all of its room."""

import io
import threading
import zlib

import pytest
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image, ImageFile

from blog.models import Post
from media import decoding
from media.decoding import BusyError, turn
from media.pictures import bytes_kept, ensure_renditions
from media.renditions import TooLargeError
from media.scaling import make_scaled, measured
from media.uploads import reencode

pytestmark = pytest.mark.django_db(transaction=True)


def picture(side: int = 30, kind: str = "PNG") -> SimpleUploadedFile:
    buffer = io.BytesIO()
    Image.new("RGB", (side, side), "teal").save(buffer, kind)
    return SimpleUploadedFile(f"a.{kind.lower()}", buffer.getvalue())


@pytest.fixture
def small(settings) -> None:
    settings.MAX_IMAGE_PIXELS = 10_000


@pytest.fixture
def unpacked(monkeypatch) -> list[str]:
    """What was unpacked, by the decoders of all formats."""
    seen: list[str] = []
    load = ImageFile.ImageFile.load

    def watched(image: ImageFile.ImageFile):
        seen.append(f"{image.size}")
        return load(image)

    monkeypatch.setattr(ImageFile.ImageFile, "load", watched)
    return seen


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_what_has_too_many_pixels_is_never_unpacked(small, unpacked, kind) -> None:
    too_large = picture(101, kind)
    unpacked.clear()
    with pytest.raises(ValidationError, match="million pixels"):
        reencode(too_large)
    assert measured(too_large) == {}
    name = default_storage.save("post/x.png", too_large)
    with pytest.raises(TooLargeError):
        make_scaled(name)
    assert unpacked == []
    reencode(picture(100, kind))


def test_far_too_many_are_refused_with_the_same_sentence() -> None:
    png = picture().read()
    header = b"IHDR" + (65_000).to_bytes(4, "big") * 2 + png[24:29]
    bomb = png[:12] + header + zlib.crc32(header).to_bytes(4, "big") + png[33:]
    with pytest.raises(ValidationError, match="million pixels"):
        reencode(SimpleUploadedFile("x.png", bomb))


def test_an_original_from_elsewhere_that_is_too_large_is_named_and_left(write, small) -> None:
    post = write()
    name = default_storage.save("post/y.png", picture(101))
    Post.objects.filter(pk=post.pk).update(image=name)
    with pytest.raises(TooLargeError):
        ensure_renditions(name)


def test_one_at_a_time_and_nobody_waits_for_long(monkeypatch) -> None:
    monkeypatch.setattr(decoding, "TURN_SECONDS", 0.05)
    said: list[str] = []

    def other() -> None:
        try:
            reencode(picture())
        except ValidationError as refusal:
            said.extend(refusal.messages)
        try:
            with turn():
                said.append("two at once")
        except BusyError:
            pass
        assert measured(picture()) == {}

    with turn():
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
    assert len(said) == 1
    assert "again in a moment" in said[0]
    reencode(picture())


def client_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_an_account_sends_so_many_an_hour_and_loses_no_words(ada, bruno, settings) -> None:
    settings.UPLOADS_PER_HOUR = 2
    client = client_of(ada)
    typed = {"title": "On mirrors", "body": "Light.", "do": "save"}
    assert client.post("/accounts/profile/", {"avatar": picture()}).status_code == 302
    client.post("/studio/posts/new/", {**typed, "image": picture()})
    answer = client.post("/studio/posts/new/", {**typed, "body": "Kept.", "image": picture()})
    assert "in an hour" in answer.context["form"].errors["image"][0]
    assert "Kept." in answer.content.decode()
    answer = client.post("/accounts/profile/", {"bio": "Kept too.", "avatar": picture()})
    assert "in an hour" in answer.context["form"].errors["avatar"][0]
    assert "Kept too." in answer.content.decode()
    assert client.post("/studio/posts/new/", {**typed, "title": "Bare"}).status_code == 302
    assert client_of(bruno).post("/accounts/profile/", {"avatar": picture()}).status_code == 302


def test_an_account_keeps_so_much(ada, settings) -> None:
    client = client_of(ada)
    typed = {"title": "On mirrors", "body": "Light.", "do": "save"}
    client.post("/studio/posts/new/", {**typed, "image": picture()})
    post = Post.objects.get()
    assert bytes_kept(ada) == post.image.size
    ensure_renditions(str(post.image.name))
    assert bytes_kept(ada) == post.image.size
    settings.UPLOADS_MB = 0
    answer = client.post("/studio/posts/new/", {**typed, "image": picture()})
    assert "one account may keep" in answer.context["form"].errors["image"][0]
    Post.objects.all().delete()
    assert bytes_kept(ada) == 0
