"""Whatever is sent to whichever address: an answer of ours, and no error.

`FUZZ_DEPTH=10 FUZZ_SEED=3 pytest tests/test_fuzz.py` tries ten times as much, and other things.
"""

import os
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote_to_bytes

import pytest

from tests.fuzz import bodies, inputs, world
from tests.fuzz.forms import Form, forms_in
from tests.fuzz.sender import Sender, listening

DEPTH = float(os.environ.get("FUZZ_DEPTH", "1"))
SEED = int(os.environ.get("FUZZ_SEED", "11"))  # what fails fails again with the same seed

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.slow,
    pytest.mark.timeout(300 * max(DEPTH, 1)),
]

ROUTES = list(world.routes())
TOKEN = ("csrfmiddlewaretoken", world.TOKEN.encode())


@pytest.fixture
def sender(write, logged_errors) -> Iterator[Sender]:
    sender = Sender(world.build(write), SEED, logged_errors)
    logged_errors.clear()
    yield sender
    if sender.faults:
        pytest.fail(sender.report())


def some(sender: Sender, choices: list[Any], most: int) -> list[Any]:
    """As many of these as are tried."""
    return sender.random.sample(choices, min(len(choices), int(most * DEPTH)))


def test_every_route_and_method(sender) -> None:
    for route in ROUTES:
        path = world.address(sender.site, route)
        for who in world.PEOPLE:
            sender.send(who, "GET", path)
        for method in inputs.METHODS:
            sender.send(
                sender.somebody(), method, path, (bodies.FORM, bodies.urlencoded([TOKEN]), "51")
            )


def test_every_path(sender) -> None:
    tries = [
        (route, name, text)
        for route in ROUTES
        for name in world.holes(route)
        for segment in inputs.SEGMENTS
        for text in (segment.decode("latin-1"), unquote_to_bytes(segment).decode("latin-1"))
    ]
    for route, name, text in some(sender, tries, 800):
        values = {**world.at(sender.site, route), name: "@"}
        path = world.filled(route, values).replace("@", text)
        if sender.random.random() < 0.5:
            sender.send(sender.somebody(), "GET", path="", PATH_INFO=path)
        else:
            sender.post(sender.somebody(), "", [], PATH_INFO=path)


def known_forms(sender: Sender) -> list[Form]:
    """Every form that anybody is shown; on the way it is learnt what views look for."""
    found: dict[Any, Form] = {}
    with listening(sender):
        for route in ROUTES:
            path = world.address(sender.site, route)
            sender.post("boss", path, [])
            for who in ("boss", "moderator", "author", "nobody"):
                answer = sender.send(who, "GET", path)
                if answer and answer[0].startswith("200") and "html" in answer[1]["Content-Type"]:
                    for form in forms_in(who, path, answer[2]):
                        found.setdefault(form.key, form)
    return list(found.values())


def test_every_field_and_name_and_file(sender) -> None:
    forms = known_forms(sender)
    assert len(forms) > 50
    names = sorted(
        {*sender.asked, *(name for form in forms for name, _ in form.fields)} - {TOKEN[0]}
    )
    tries = [
        (form, name, value)
        for form in forms
        for name in {name for name, _ in form.fields}
        for value in inputs.VALUES
    ]
    for form, name, value in some(sender, tries, 500):
        again = [(name, b"1")] if sender.random.random() < 0.1 else []
        fields = [(other, held) for other, held in form.fields if other != name]
        sender.fill(form, [*fields, (name, value), *again])
    for form in forms:
        for name in form.files:
            for called, content in bodies.FILES:
                sender.upload(form, name, called, content)
    for route in ROUTES:
        path = world.address(sender.site, route)
        for value in some(sender, inputs.VALUES, 2):
            fields = [(name, value[: 1_000_000 // len(names)]) for name in names]
            sender.post(sender.somebody(), path, fields)
            query = bodies.urlencoded([(name, value[:40]) for name in names])
            sender.send(sender.somebody(), "GET", f"{path}?{query.decode()}")


@pytest.mark.parametrize(
    ("who", "path"),
    [
        ("nobody", "/accounts/login/"),
        ("nobody", "/subscribe/"),
        ("nobody", "/"),
        ("reader", "/nothing/"),
        ("reader", "/accounts/profile/"),
        ("author", "/studio/posts/new/"),
        ("boss", "/admin/blog/tag/add/"),
    ],
)
def test_every_body(who, path, sender) -> None:
    fields = [TOKEN, *((name, b"x") for name in ("title", "email", "login", "password", "name"))]
    for body in bodies.every_shape(fields, sender.random):
        sender.send(who, "POST", path, body)
        if len(body[1]) < 1000:
            sender.send(who, sender.random.choice(("GET", "PUT")), path, body)


def test_every_header(sender) -> None:
    tries = [(name, value) for name, values in inputs.HEADERS.items() for value in values]
    for name, value in tries:
        sender.send("nobody", "GET", "/")  # it is kept, so the next is answered without Django
        sender.send("nobody", "GET", "/", **{name: value})
        for route in some(sender, ROUTES, 3):
            method = sender.random.choice(("GET", "POST", "HEAD"))
            path = world.address(sender.site, route)
            sender.send(sender.somebody(), method, path, **{name: value})
