"""The stemmer against PostgreSQL's own Porter, and its examples where that is not there."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from listeners.search.stemming import stem

# From Porter's paper, one or more for each step.
EXAMPLES = {
    "caresses": "caress", "ponies": "poni", "cats": "cat", "agreed": "agre", "feed": "feed",
    "plastered": "plaster", "bled": "bled", "motoring": "motor", "sing": "sing",
    "conflated": "conflat", "troubled": "troubl", "sized": "size", "hopping": "hop",
    "falling": "fall", "hissing": "hiss", "filing": "file", "happy": "happi", "sky": "sky",
    "relational": "relat", "digitizer": "digit", "operator": "oper", "hopefulness": "hope",
    "formality": "formal", "triplicate": "triplic", "electrical": "electr", "goodness": "good",
    "revival": "reviv", "adoption": "adopt", "onion": "onion", "replacement": "replac",
    "probate": "probat", "rate": "rate", "controlling": "control", "roll": "roll",
    "is": "is", "5th": "5th", "größe": "größe", "": "",
}  # fmt: skip


@pytest.mark.parametrize("word", EXAMPLES)
def test_the_examples_of_the_paper(word) -> None:
    assert stem(word) == EXAMPLES[word]


@pytest.mark.postgres
@pytest.mark.django_db
def test_every_word_of_our_documents_as_postgresql_has_it() -> None:
    texts = [path.read_text() for path in Path(settings.BASE_DIR).glob("*.md")]
    endings = ["", "s", "ed", "ing", "ly", "ational", "fulness", "ization", "ion", "y", "e"]
    words = {word for text in texts for word in re.findall(r"[a-z]{3,}", text.lower())}
    grown = sorted(word + ending for word in words for ending in endings)
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEXT SEARCH DICTIONARY pg_temp.porter (TEMPLATE = snowball, LANGUAGE = porter)"
        )
        cursor.execute(
            "SELECT word, (ts_lexize('pg_temp.porter', word))[1] FROM unnest(%s::text[]) word",
            [grown],
        )
        theirs = dict(cursor.fetchall())
    assert {word: stem(word) for word in grown if stem(word) != theirs[word]} == {}
