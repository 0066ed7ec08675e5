"""What a reader's page says of pictures: sizes from the row, and what exists, no more."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.test import Client

import pagecache
from accounts.models import UserProfile
from accounts.services import update_profile
from blog.models import Post
from blog.services import edit_post, feature
from comments.services import approve_comment, submit_comment
from media.renditions import rendition_name
from media.scaling import supported
from signalflow.testing import run_deliveries
from tests.photos import photo

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def media_root(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def post(write) -> Post:
    return write("The lamp", image=photo(1200, 600), image_alt='A "lamp" <b>', public=True)


def page(path: str = "/posts/the-lamp/", client: Client | None = None) -> str:
    answer = (client or Client()).get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def pictures(html: str) -> list[str]:
    return re.findall(r"<picture>.*?</picture>", html, re.DOTALL)


def attributes(tag: str) -> dict[str, str]:
    return dict(re.findall(r'(\w+)="([^"]*)"', tag))


def image(html: str) -> dict[str, str]:
    return attributes(html[html.index("<img") :])


def srcset(post: Post, kind: str) -> str:
    name = Post.objects.get(pk=post.pk).image.name
    pairs = [(480, 480), (960, 960), (1600, 1200)]
    return ", ".join(f"/media/{rendition_name(name, each, kind)} {w}w" for each, w in pairs)


def test_before_the_renditions_the_original_alone(post) -> None:
    [found] = pictures(page())
    assert "<source" not in found
    assert image(found) == {
        "src": post.image.url,
        "width": "1200",
        "height": "600",
        "alt": "A &quot;lamp&quot; &lt;b&gt;",
        "fetchpriority": "high",
        "decoding": "async",
    }


def test_the_next_reader_gets_the_renditions(post) -> None:
    page()  # kept for anonymous readers
    run_deliveries()
    [found] = pictures(page())
    offered = [attributes(tag) for tag in re.findall(r"<source[^>]*>", found)]
    assert [each["type"] for each in offered] == [f"image/{kind}" for kind in supported()]
    assert [each["srcset"] for each in offered] == [srcset(post, kind) for kind in supported()]
    assert all(each["sizes"] for each in offered)
    assert image(found)["src"] == post.image.url
    for address in re.findall(r"/media/[\w./-]+", found):
        assert Client().get(address).status_code == 200


def test_no_page_opens_a_file(post, ada, monkeypatch) -> None:
    update_profile(ada, avatar=photo(200, 200))
    feature(post, by=None)
    run_deliveries()
    monkeypatch.setattr(default_storage, "open", None)
    for name in (post.image.name, UserProfile.objects.get(user=ada).avatar.name):
        default_storage.delete(name)
    for path in ("/", "/posts/the-lamp/", "/authors/", "/authors/ada/"):
        pagecache.clear()
        assert "-96.webp" in page(path) or path == "/"
    assert image(pictures(page())[0])["width"] == "1200"


def test_only_the_first_featured_picture_comes_first(post, write) -> None:
    other = write("The wick", image=photo(60, 40), image_alt="A wick.", public=True)
    feature(post, by=None)
    feature(other, by=None)
    run_deliveries()
    first, second = map(image, pictures(page("/")))
    assert (first["fetchpriority"], "loading" in first) == ("high", False)
    assert (second["loading"], second["decoding"]) == ("lazy", "async")
    assert "fetchpriority" not in second
    assert {first["alt"], second["alt"]} == {""}, "decoration: the title beside it is the link"
    assert {first["width"], second["width"]} == {"1200", "60"}


def test_a_replaced_picture_offers_nothing_of_the_old_one(post) -> None:
    run_deliveries()
    old = post.image.name.partition(".")[0]
    edit_post(post, by=None, version=post.version, image=photo(700, 300))
    [found] = pictures(page())
    assert old not in found
    assert "<source" not in found
    assert image(found)["width"] == "700"


def test_a_row_written_past_the_doors_shows_its_picture(post) -> None:
    """As every row did before the site knew sizes."""
    run_deliveries()
    Post._base_manager.filter(pk=post.pk).update(image_renditions={})
    pagecache.clear()
    [found] = pictures(page())
    assert "<source" not in found
    assert "width" not in image(found)


def test_the_preview_of_a_draft_shows_renditions(write, ada, client) -> None:
    draft = write("A draft", image=photo(600, 300))
    run_deliveries()
    client.force_login(ada)
    assert "-480.webp 480w" in page(f"/studio/posts/{draft.pk}/preview/", client)


# -- avatars -------------------------------------------------------------------------------------


def avatars(html: str) -> list[dict[str, str]]:
    return [attributes(tag) for tag in re.findall(r'<img class="avatar[^>]*>', html)]


def test_avatars_come_in_the_size_of_the_screen(write, ada, rita) -> None:
    post = write("The lamp", public=True)
    for user in (ada, rita):
        update_profile(user, avatar=photo(300, 200))
    approve_comment(submit_comment(post, author=rita, body="Yes."), by=None)
    before = avatars(page())
    assert len(before) == 3  # the byline, the box, the comment
    assert not any("srcset" in each for each in before)
    run_deliveries()
    after = avatars(page())
    for each, small in zip(after, before, strict=True):
        stem = each["src"].rpartition(".")[0]
        assert each["srcset"] == f"{stem}-96.webp 96w, {stem}-192.webp 192w"
        assert each["sizes"] == f"{each['width']}px"
        assert each["width"] == each["height"] == small["width"]


def test_a_new_avatar_shows_nothing_of_the_old_one(write, ada) -> None:
    write("The lamp", public=True)
    update_profile(ada, avatar=photo(300, 200))
    run_deliveries()
    update_profile(ada, avatar=photo(200, 300))
    assert not any("srcset" in each for each in avatars(page()))
