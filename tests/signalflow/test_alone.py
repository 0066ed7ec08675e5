"""The engine in a project that has nothing else of this site."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROJECT = """
import sys

import django
from django.conf import settings

settings.configure(
    BASE_DIR=sys.path[0],
    INSTALLED_APPS=["signalflow", "django.contrib.contenttypes", "django.contrib.auth"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    SIGNALFLOW={"CHECK_TYPES": True},
    USE_TZ=True,
)
django.setup()

from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import transaction

from signalflow import AFTER_COMMIT, DURABLE, DomainSignal, action, note, receiver, rehearse
from signalflow.models import Trace
from signalflow.testing import assert_nothing_left, run_deliveries
from signalflow.operating.trees import joined, lines

call_command("migrate", verbosity=0)
call_command("check")
lit = DomainSignal("A lamp was lit.", lamp="auth.Group")
seen = []
for phase in (None, AFTER_COMMIT, DURABLE):
    options = {"when": phase} if phase else {}

    @receiver(lit, uid=f"keeper {phase}", **options)
    def keep(lamp, **kwargs):
        note("kept", lamp=lamp.pk)
        seen.append(lamp.name)


def light():
    with transaction.atomic():
        lit.send(sender=None, lamp=Group.objects.create(name="lamp"))


rehearse(light)
assert len(seen) == 3 and not Group.objects.exists()
seen.clear()
with action("light"):
    light()
assert seen == ["lamp"] * 2
run_deliveries()
assert seen == ["lamp"] * 3
assert_nothing_left()
call_command("signals", "list")
print("\\n".join(lines(joined(Trace.objects.get(name="light")))))
others = {"config", "accounts", "blog", "comments", "listeners"}
assert not others & set(sys.modules), others & set(sys.modules)
"""


def test_it_works_and_imports_nothing_of_the_site() -> None:
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{PROJECT}"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd="/",
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("→ keeper") == 3
    assert done.stdout.count("[kept lamp=1]") == 3
