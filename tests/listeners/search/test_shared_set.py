"""One set of texts and queries: whichever database the suite runs on, the answers are these.

`FOUND` is read as query: names of the posts; `FIRST` are queries whose best answer is certain.
"""

# ruff: noqa: RUF001 - letters that look alike are what this is about

from datetime import UTC, datetime

import pytest
from django.test import Client

from accounts.services import update_profile
from blog.models import Post

pytestmark = pytest.mark.django_db(transaction=True)

# name: title, summary, tags, body
TEXTS: dict[str, tuple[str, str, list[str], str]] = {
    "mirrors": ("On mirrors", "About reflections.", ["optics"], "A looking glass of silver."),
    "lantern": ("The lantern", "", ["optics"], "It was polished. Silver mirrors stand behind it."),
    "cafe": ("Café crème", "", [], "A brûlée in the Straße of Łódź, over a smørrebrød."),
    "hamlet": ("Soliloquy", "", ["drama"], "To be, or not to be, that is the question."),
    "version": (
        "Django 5.2",
        "",
        ["code"],
        "Version 5.2 of e-mail and snake_case in C++, not 2.5.",
    ),
    "tagged": ("Untitled", "", ["lantern"], "Nothing to see."),
    "body": ("Other things", "", [], "A lantern, a lantern, a lantern, a lantern, and lanterns."),
    "japanese": ("日本語の文章", "", [], "これは検索の試験です。"),
    "russian": ("Ёлка", "", [], "Привет, мир. Зелёная ёлка стоит в лесу."),
    "greek": ("Ελλάδα", "", [], "Καλημέρα κόσμε, ὁδός."),
    "arabic": ("العَرَبِيَّة", "", [], "مرحبا بالعالم"),
    "hindi": ("हिन्दी", "", [], "नमस्ते दुनिया"),
    "emoji": ("Party", "", [], "We have 🔥 and 👩‍💻 here."),
    "owner": ("Possession", "", [], "The sun’s light, don't lose O'Brien’s."),
    "long": ("Long", "", [], "the word " * 9000 + "heliostat at last to the very end"),
}

FOUND: dict[str, str] = {
    # endings, upper case, word order
    "mirror": "mirrors lantern",
    "MIRRORS": "mirrors lantern",
    "polishing": "lantern",
    "reflected": "mirrors",
    "reflection": "mirrors",
    "silver mirror": "mirrors lantern",
    "questions": "hamlet",
    # a title before tags before a text, however often it is there
    "lantern": "lantern tagged body",
    # accents, ligatures, letters of other alphabets
    "cafe": "cafe",
    "CAFÉ CREME": "cafe",
    "cre\u0301me brulee": "cafe",
    "strasse": "cafe",
    "STRASSE lodz": "cafe",
    "smorrebrod": "cafe",
    "ｃａｆｅ": "cafe",
    # common words alone
    "the question": "hamlet",
    "to be": "hamlet",
    "not": "hamlet version tagged",
    # phrases
    '"looking glass"': "mirrors",
    '"glass looking"': "",
    "“silver mirrors”": "lantern",
    '"to be or not"': "hamlet",
    '"be to"': "",
    '"about reflections optics"': "",
    '"heliostat at last"': "long",
    '"to the very end"': "long",
    '"looking glass': "mirrors",
    # beginnings: asked for, or of a word still being typed
    "mirr": "mirrors lantern",
    "mirr*": "mirrors lantern",
    "polishe*": "lantern",
    "mirr silver": "",
    "mirr* silver": "mirrors lantern",
    "heliost": "long",
    "привет* ми": "",
    # leaving out
    "silver -lantern": "mirrors",
    'silver -"looking glass"': "lantern",
    "lantern -lanterns": "",
    "-lantern": "",
    # written as one
    "5.2": "version",
    "django 5": "version",
    "2.5": "version",
    "case": "version",
    "e-mail": "version",
    "c++": "version",
    "o'brien": "owner",
    "sun": "owner",
    "don’t": "owner",
    # other scripts
    "日本": "japanese",
    "本日": "",
    "検索 試験": "japanese",
    "елка": "russian",
    "ЗЕЛЁНАЯ": "russian",
    "καλημερα": "greek",
    "οδος": "greek",
    "العربية": "arabic",
    "हिन्दी": "hindi",
    "🔥": "emoji",
    "👩‍💻": "emoji",
    # names
    "optics": "mirrors lantern",
    "drama question": "hamlet",
    "lovelace 5.2": "version",
    # what other search engines take for commands
    "mirrors AND moon": "",
    "NEAR(silver mirrors)": "",
    "title:mirrors": "",
    "(silver": "mirrors lantern",
    "\u202emirrors": "mirrors lantern",
    "mir\0rors": "mirrors lantern",
}
FIRST = {
    **dict.fromkeys(["mirror", "silver mirror", "mirr", "MIRRORS"], "mirrors"),
    "lantern": "lantern",
}


@pytest.fixture
def texts(write, ada) -> dict[str, Post]:
    update_profile(ada, display_name="Countess Lovelace")
    posts = {}
    for day, (name, (title, summary, tags, body)) in enumerate(TEXTS.items(), 1):
        posts[name] = write(title, summary=summary, tags=tags, body=body, public=True)
        at = datetime(2024, 3, day, 12, tzinfo=UTC)
        Post._base_manager.filter(pk=posts[name].pk).update(published_at=at)
    return posts


def found(texts: dict[str, Post], query: str) -> list[str]:
    names = {post.pk: name for name, post in texts.items()}
    page = Client().get("/search/", {"q": query})
    assert page.status_code == 200
    return [names[post.pk] for post in page.context["posts"]]


def test_every_query_finds_its_posts(texts) -> None:
    wrong = {}
    for query, names in FOUND.items():
        answer = found(texts, query)
        if sorted(answer) != sorted(names.split()):
            wrong[query] = answer
    assert wrong == {}


def test_the_best_comes_first(texts) -> None:
    assert {query: found(texts, query)[0] for query in FIRST} == FIRST
    assert found(texts, "lantern") == ["lantern", "tagged", "body"]


def test_equal_posts_come_newest_first(write) -> None:
    posts = [write(f"Same {n}", body="An equal text.", public=True) for n in "abc"]
    for post, day in zip(posts, (2, 3, 1), strict=True):
        at = datetime(2024, 1, day, tzinfo=UTC)
        Post._base_manager.filter(pk=post.pk).update(published_at=at)
    page = Client().get("/search/?q=equal")
    assert [post.title for post in page.context["posts"]] == ["Same b", "Same a", "Same c"]
