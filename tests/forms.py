"""Forms as a browser sends them: found on a page, filled in, and sent with its form token."""

import re
from html import unescape

from bs4 import BeautifulSoup
from django.test import Client

OURS = {"HTTP_ORIGIN": "http://testserver"}


def window(user=None) -> Client:
    """A browser that checks form tokens; its person has looked at a page with a form."""
    client = Client(enforce_csrf_checks=True)
    if user is not None:
        client.force_login(user)
        client.get("/accounts/settings/")
    return client


def token(client: Client) -> str:
    return client.cookies["csrftoken"].value


def send(client: Client, path: str, data=None, **headers):
    typed = {"csrfmiddlewaretoken": token(client), **(data or {})}
    return client.post(path, typed, **{**OURS, **headers})


def fields(answer, action=None) -> tuple[str, dict]:
    """The form of a page and what it would send."""
    page = BeautifulSoup(answer.content, "html.parser")
    form = next(f for f in page.main.find_all("form") if f.get("method") == "post")
    pairs = [(i["name"], i.get("value", "")) for i in form.find_all("input") if i.get("name")]
    sent: dict = {}
    for name, value in pairs:
        sent.setdefault(name, []).append(value)
    return form["action"], {k: v[0] if len(v) == 1 else v for k, v in sent.items()}


def sign_in(client: Client, page, name: str, **typed: str):
    action, sent = fields(page)
    known = {"login": name, "password": "correct horse", **typed}
    return client.post(action, {**sent, **known}, **OURS)


def press(client: Client, page, **more):
    action, sent = fields(page)
    return client.post(action, {**sent, **more}, **OURS)


def words(answer) -> str:
    return unescape(re.sub(r"\s+", " ", answer.content.decode()))
