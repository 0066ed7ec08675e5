"""What a receiver does with what it gets, written from the specification and not from our code."""

import base64
import hashlib
import hmac
import json
import time
from typing import Any

from tests.peers import Peer, Request


def verified(request: Request, secret: str) -> dict[str, Any]:
    """The body of a call whose signature is right and whose time is near."""
    headers = request.headers
    assert abs(time.time() - int(headers["webhook-timestamp"])) < 300
    key = base64.b64decode(secret.split("_", 1)[1])
    signed = b".".join(
        [headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), request.body]
    )
    expected = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    assert headers["webhook-signature"].split(" ") == [f"v1,{expected}"]
    return json.loads(request.body)


def told(peer: Peer) -> list[str]:
    return [json.loads(request.body)["type"] for request in peer.requests]


def ids(peer: Peer) -> set[str]:
    return {request.headers["webhook-id"] for request in peer.requests}
