"""A CDN: it keeps what the site lets it keep, and forgets what its API is told to forget.

Written from Cloudflare's and Fastly's documentation, not from our code.
"""

import json
import re
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from django.http import HttpResponse
from django.test import Client

from tests.peers import Peer

TOKEN = "s3cret-token"
KINDS = {
    "cloudflare": ("Cache-Tag", ",", "CDN-Cache-Control", "Authorization", f"Bearer {TOKEN}"),
    "fastly": ("Surrogate-Key", " ", "Surrogate-Control", "Fastly-Key", TOKEN),
}
EVERYTHING = ["everything"]


@dataclass
class Edge:
    """One CDN with its API behind `peer`; `purges` are the lists of tags it accepted."""

    kind: str
    peer: Peer
    stored: dict[str, tuple[set[str], int, bytes]] = field(default_factory=dict)
    purges: list[list[str]] = field(default_factory=list)
    refusals: list[tuple[int, dict[str, Any]]] = field(default_factory=list)  # to give first
    calls: int = 0

    def __post_init__(self) -> None:
        self.peer.answer = self.answer

    @property
    def setting(self) -> dict[str, Any]:
        """What CDN_URL would be read as."""
        api = f"http://127.0.0.1:{self.peer.port}/v4"
        return {"SERVICE": self.kind, "TOKEN": TOKEN, "ID": "Zone1", "API": api, "MAX_AGE": 86400}

    @property
    def url(self) -> str:
        return f"{self.kind}://{TOKEN}@Zone1?api=http://127.0.0.1:{self.peer.port}/v4&max_age=86400"

    @property
    def tags(self) -> list[str]:
        """Every tag that was purged, as often as it was."""
        return [tag for batch in self.purges for tag in batch]

    def tags_of(self, answer: HttpResponse) -> set[str]:
        header, separator, *_ = KINDS[self.kind]
        return set(answer.headers[header].split(separator))

    def age_of(self, answer: HttpResponse) -> str | None:
        return answer.headers.get(KINDS[self.kind][2])

    def get(self, path: str) -> tuple[int, bytes]:
        """What a reader is shown: what is kept here, or what the site says now."""
        if path not in self.stored:
            answer = Client().get(path)
            if not re.fullmatch(r"max-age=[1-9]\d*", self.age_of(answer) or ""):
                return answer.status_code, answer.content
            self.stored[path] = (self.tags_of(answer), answer.status_code, answer.content)
        return self.stored[path][1:]

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """The API: POST with the token, in JSON."""
        self.calls += 1
        if self.refusals:
            self._say(handler, *self.refusals.pop(0))
            return
        *_, header, value = KINDS[self.kind]
        assert handler.headers[header] == value
        told = json.loads(self.peer.requests[-1].body)
        tags = self._cloudflare(handler.path, told)
        if self.kind == "fastly":
            tags = self._fastly(handler.path, told)
        self.purges.append(tags)
        for path, (known, *_) in list(self.stored.items()):
            if tags == EVERYTHING or known & set(tags):
                del self.stored[path]
        self._say(handler, 200, {"success": True} if self.kind == "cloudflare" else {})

    def _cloudflare(self, path: str, told: dict[str, Any]) -> list[str]:
        if self.kind != "cloudflare":
            return []
        assert path == "/v4/zones/Zone1/purge_cache"
        if told == {"purge_everything": True}:
            return EVERYTHING
        assert told.keys() == {"tags"}
        assert 1 <= len(told["tags"]) <= 100
        return told["tags"]

    def _fastly(self, path: str, told: dict[str, Any]) -> list[str]:
        if path == "/v4/service/Zone1/purge_all":
            return EVERYTHING
        assert path == "/v4/service/Zone1/purge"
        assert 1 <= len(told["surrogate_keys"]) <= 256
        return told["surrogate_keys"]

    def _say(self, handler: BaseHTTPRequestHandler, status: int, told: dict[str, Any]) -> None:
        body = json.dumps(told).encode()
        handler.send_response(status)
        if self.peer.location:
            handler.send_header("Location", self.peer.location)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)
