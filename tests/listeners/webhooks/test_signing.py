"""Signatures that others can check: by the specification, and by our own page about it."""

import re
import time
from pathlib import Path

from listeners.webhooks.signing import sign

PAGE = Path(__file__).resolve().parents[3] / "docs" / "webhooks.md"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def test_the_known_example_of_the_reference_libraries() -> None:
    signature = sign(SECRET, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, '{"test": 2432232314}')
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_lines_on_the_page_tell_genuine_from_forged() -> None:
    lines = re.search(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)[1]
    page: dict = {}
    exec(lines, page)  # noqa: S102 - our own page
    now, body = int(time.time()), '{"title": "Über"}'
    headers = {"webhook-id": "msg_1", "webhook-timestamp": str(now)}
    headers["webhook-signature"] = f"v1,other {sign(SECRET, 'msg_1', now, body)}"
    assert page["is_genuine"](SECRET, headers, body.encode())
    assert not page["is_genuine"](SECRET, headers, b"{}")
    assert not page["is_genuine"](SECRET, headers | {"webhook-id": "msg_2"}, body.encode())
    assert not page["is_genuine"](SECRET, headers | {"webhook-timestamp": "1"}, body.encode())
