"""The receiver of the guide, copied from it letter by letter into a site of its own."""

import re
from pathlib import Path

from tests.site import ROOT, Site

GUIDE = (ROOT / "docs/signals/your-own-receiver.md").read_text()

# The reader's own function: it writes to a file once the channel is up.
CHANNEL = """
from pathlib import Path

def say(text):
    if not Path({up!r}).exists():
        raise ConnectionError("the channel is down")
    with open({said!r}, "a") as channel:
        print(text, file=channel)
"""

LIVE = """
import io
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.test import Client
from django.utils.html import strip_tags
from accounts.models import User
from blog import services
from signalflow.models import Trace
from signalflow.testing import run_deliveries

ada = User.objects.create_user("ada", "ada@example.org")
ada.groups.add(Group.objects.get(name="Author"))
ada = User.objects.get()
post = services.create_post(ada, title="On mirrors", body="Light.")
author = Client(headers={"host": "127.0.0.1"})
author.force_login(ada)
author.post(f"/studio/posts/{post.pk}/publish/")
trace = Trace.objects.get(name__startswith="POST")

def receipt():
    page = author.get(f"/studio/receipts/{trace.pk}/").content.decode()
    return " ".join(strip_tags(page).split())

wiring = io.StringIO()
call_command("signals", "list", "--app", "announcer", stdout=wiring)
result = {"wiring": wiring.getvalue(), "trace": str(trace.tree)}
run_deliveries()
result["down"] = receipt()
open(UP, "w").close()
run_deliveries(even_later=True)
result["up"] = receipt()
"""


def test_ten_lines_from_the_guide_are_wired_traced_and_in_the_receipt(
    site: Site, tmp_path: Path
) -> None:
    app, up, said = tmp_path / "announcer", tmp_path / "up", tmp_path / "said"
    app.mkdir()
    files = re.findall(r"`announcer/(\w+\.py)`:\n\n```python\n(.*?)```", GUIDE, re.DOTALL)
    for name, code in files:
        (app / name).write_text(code)
    words = re.search(r"```python\n(from signalflow.staff.receipt_text.*?)```", GUIDE, re.DOTALL)[1]
    with (app / "receivers.py").open("a") as receivers:
        receivers.write(words)
    (app / "__init__.py").touch()
    (app / "channel.py").write_text(CHANNEL.format(up=str(up), said=str(said)))
    body = (app / "receivers.py").read_text().partition("@receiver")[2].partition("\n\n")[0]
    assert len(body.splitlines()) <= 10

    told = site.python(
        f"UP = {str(up)!r}\n{LIVE}",
        SETTINGS="tests.settings_with",
        WITH="announcer",
        PYTHONPATH=str(tmp_path),
    )
    uid = "announcer.receivers.announce_post"
    assert f"blog.signals.post_published  from any  → {uid}  (durable)" in told["wiring"]
    assert uid in told["trace"]
    failure = "ConnectionError: the channel is down"
    assert f"Announce post Failed, tried again soon: {failure}" in told["down"]
    assert "The channel was told Done in" in told["up"]
    assert said.read_text().splitlines() == ["On mirrors http://127.0.0.1:8000/posts/on-mirrors/"]
