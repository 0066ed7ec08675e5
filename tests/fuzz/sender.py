"""Requests through everything between the web server and the database."""

import io
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.cache import cache
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.http import QueryDict

from config.http.layers import around
from tests.flushing import Pristine, rows_of
from tests.fuzz.bodies import FORM, Body, Fields, multipart, urlencoded
from tests.fuzz.forms import Form
from tests.fuzz.inputs import SAFE
from tests.fuzz.judge import complaints
from tests.fuzz.world import PEOPLE, TOKEN
from tests.silence import describe
from tests.wsgi import Answer, ask

WRITES = re.compile(r'\s*(?:INSERT|UPDATE|DELETE|REPLACE)\b\D*?"(\w+)"', re.IGNORECASE)
# What reading may write: a session notes that it was used, a trace that a rehearsal ran.
OF_READING = {"django_session", "signalflow_trace"}
# Opening the link to a new password signs out whoever else was signed in (allauth's), which is
# on record.
SIGNS_OUT = "/accounts/password/reset/key/"


class Sender:
    """Sends, and notes everything that is wrong with an answer."""

    def __init__(self, site: SimpleNamespace, seed: int, logged: list[logging.LogRecord]) -> None:
        self.site, self.random, self.logged = site, Random(seed), logged
        self.application = around(WSGIHandler())
        self.rows = Pristine()
        self.faults: dict[str, list[str]] = {}
        self.asked: set[str] = set()  # names that views looked for in a query or a form
        self.sent = 0

    def send(
        self, who: str, method: str, path: str, body: Body | None = None, **environ: str
    ) -> Answer | None:
        """One request of somebody; None if there was no answer at all."""
        kind, content, length = body or ("", b"", "")
        told: dict[str, Any] = {
            "HTTP_COOKIE": self.site.cookies[who],
            "HTTP_X_CSRFTOKEN": TOKEN,
            "REMOTE_ADDR": ".".join(str(self.random.randrange(1, 255)) for _ in range(4)),
            "wsgi.input": io.BytesIO(content),
            "CONTENT_TYPE": kind,
            "CONTENT_LENGTH": length,
            **environ,
        }
        said = f"{method} {path[:90]} {who} {kind[:60]} {content[-80:]!r} {str(environ)[:140]}"
        self.sent += 1
        try:
            with _watching() as written:
                answer = ask(self.application, path, method, **told)
        except Exception as error:  # noqa: BLE001 - whatever it is, a server would say a bare 500
            self.fault(said, f"no answer: {error!r:.300}")
            self.restore()
            return None
        for fault in complaints(method, path.partition("?")[0], answer):
            self.fault(said, f"{answer[0]}: {fault}")
        self._look_at(said, method, path, written)
        return answer

    def _look_at(self, said: str, method: str, path: str, written: set[str]) -> None:
        """Note what was changed by reading, and what was logged as an error."""
        if method in SAFE:
            looked = written - OF_READING if SIGNS_OUT not in path else set()
            changed = sorted(t for t in looked if rows_of(t) != self.rows.kept.get(t, []))
            if changed:
                self.fault(said, f"reading wrote {changed}")
                self.restore()
        elif written:
            self.restore()
        if self.logged:
            self.fault(said, "; ".join(map(describe, self.logged))[:500])
            self.logged.clear()

    def post(self, who: str, path: str, fields: Fields, **environ: str) -> Answer | None:
        content = urlencoded([("csrfmiddlewaretoken", TOKEN.encode()), *fields])
        return self.send(who, "POST", path, (FORM, content, str(len(content))), **environ)

    def fill(self, form: Form, fields: Fields) -> Answer | None:
        """Send a form as its page would."""
        if form.method == "POST":
            return self.post(form.who, form.action, fields)
        query = urlencoded(fields).decode()
        return self.send(form.who, "GET", f"{form.action.partition('?')[0]}?{query}")

    def upload(self, form: Form, name: str, called: bytes, content: bytes) -> Answer | None:
        """Send a form as its page would, with a file."""
        fields = [("csrfmiddlewaretoken", TOKEN.encode()), *form.fields]
        body = multipart(fields, [(name, called, content)])
        kind = "multipart/form-data; boundary=zq"
        return self.send(form.who, "POST", form.action, (kind, body, str(len(body))))

    def somebody(self) -> str:
        return self.random.choice(PEOPLE)

    def fault(self, said: str, what: str) -> None:
        self.faults.setdefault(what, []).append(said)

    def restore(self) -> None:
        """Undo what was done, so that the next request meets the same site."""
        self.rows.restore()
        cache.clear()

    def report(self) -> str:
        """Each kind of fault with its first cases."""
        lines = [f"after {self.sent} requests:"]
        for what, cases in sorted(self.faults.items(), key=lambda pair: -len(pair[1])):
            lines += [f"{len(cases)} times {what}", *(f"    {case}" for case in cases[:3])]
        return "\n".join(lines)


@contextmanager
def _watching() -> Iterator[set[str]]:
    """The tables that were written to meanwhile."""
    tables: set[str] = set()

    def watch(execute: Any, sql: str, *rest: Any) -> Any:
        if found := WRITES.match(sql):
            tables.add(found[1])
        return execute(sql, *rest)

    with connection.execute_wrapper(watch):
        yield tables


@contextmanager
def listening(sender: Sender) -> Iterator[None]:
    """Learn which names views look for."""
    found, listed = QueryDict.__getitem__, QueryDict.getlist

    def getitem(query: QueryDict, key: str) -> Any:
        sender.asked.add(key)
        return found(query, key)

    def getlist(query: QueryDict, key: str, *rest: Any) -> Any:
        sender.asked.add(key)
        return listed(query, key, *rest)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(QueryDict, "__getitem__", getitem)
        patch.setattr(QueryDict, "getlist", getlist)
        yield
