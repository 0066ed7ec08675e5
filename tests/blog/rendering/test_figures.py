"""What the renderer makes of pictures, their captions and columns of figures."""

import pytest

from blog.rendering.pipeline import render_post
from tests.blog.rendering.test_pipeline import Found, assert_passive


def elements(source: str) -> list[tuple[str, dict[str, str]]]:
    return assert_passive(render_post(source)).elements


@pytest.mark.parametrize(
    ("source", "caption"),
    [
        ("![A](/a.jpg)\n*In the sun*", "In the sun"),
        ("![A](/a.jpg) _In the sun_", "In the sun"),
        ("![A](/a.jpg)  \n*In **the** [sun](/sun)*", "In the sun"),
        ("[![A](/a.jpg)](/large) *In the sun*", "In the sun"),
        ("> ![A](/a.jpg)\n> *In the sun*", "In the sun"),
    ],
)
def test_a_picture_and_a_sentence_in_emphasis_are_a_figure(source: str, caption: str) -> None:
    markup = render_post(source)
    names = [name for name, _ in elements(source)]
    assert names.index("figure") < names.index("img") < names.index("figcaption")
    assert "p" not in names
    assert Found(markup.partition("<figcaption>")[2].partition("</figcaption>")[0]).text == caption


@pytest.mark.parametrize(
    "source",
    [
        "![A](/a.jpg)",
        "![A](/a.jpg) *One* and more",
        "![A](/a.jpg) *One* *two*",
        "Before ![A](/a.jpg) *one*",
        "![A](/a.jpg) **Strong**",
        "*One* ![A](/a.jpg)",
        "- ![A](/a.jpg) *in a tight list*",
        "![A](/a.jpg)![B](/b.jpg) *Two*",
        "*One*",
    ],
)
def test_anything_else_stays_a_paragraph(source: str) -> None:
    assert "figure" not in dict(elements(source))


@pytest.mark.parametrize(
    ("address", "size"),
    [
        ("https://old.example/2013/sun-580x300.jpg", ("580", "300")),
        ("/media/sun-1200x400.webp?x=1", ("1200", "400")),
        ("/media/sun.jpg", (None, None)),
        ("/media/sun-0x300.jpg", (None, None)),
        ("/media/sun-580x30000.jpg", (None, None)),
        ("/media/sun-580x300.jpg.exe", (None, None)),
        ("/sun-580x300/", (None, None)),
    ],
)
def test_room_is_kept_for_a_picture_whose_name_tells_its_size(address: str, size: tuple) -> None:
    image = dict(elements(f"![]({address})"))["img"]
    assert (image.get("width"), image.get("height")) == size


def test_the_first_picture_is_loaded_at_once_and_the_others_when_they_come_near() -> None:
    found = elements("![](/a.jpg)\n\nWords.\n\n![](/b.jpg) and ![](/c.jpg)\n\n- ![](/d.jpg)")
    loading = [attributes.get("loading") for name, attributes in found if name == "img"]
    assert loading == [None, "lazy", "lazy", "lazy"]


def test_columns_of_a_table_are_aligned_without_a_style() -> None:
    found = elements("| A | B | C |\n|---|--:|:-:|\n| a | 1 | x |")
    cells = [attributes.get("class") for name, attributes in found if name in {"th", "td"}]
    assert cells == [None, "end", "center"] * 2


def test_what_is_wide_can_be_scrolled_to_with_a_keyboard() -> None:
    """A table always, code where a line is wider than a phone."""
    found = elements("| A |\n|---|\n| a |\n\n    " + "x" * 50 + "\n\n```\nshort\n```")
    (room,) = (attributes for name, attributes in found if name == "div")
    assert room == {"class": "wide", "role": "region", "aria-label": "Table", "tabindex": "0"}
    assert [attributes for name, attributes in found if name == "pre"] == [{"tabindex": "0"}, {}]
