"""Signatures as the Standard Webhooks specification has them (standardwebhooks.com, 1.0)."""

import base64
import hashlib
import hmac


def sign(secret: str, webhook_id: str, timestamp: int, body: str) -> str:
    """The value of `webhook-signature`: version 1, HMAC-SHA256 over id, time and body.

    `secret` is "whsec_" and the key in base64, `timestamp` Unix seconds, `body` exactly what is
    sent.
    """
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{webhook_id}.{timestamp}.{body}".encode()
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode("ascii")
