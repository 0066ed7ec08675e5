"""The whole site as comparable values: every table, every mail, every stored file."""

import hashlib
import io
import re
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core import mail
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from signalflow.models import Delivery, Heartbeat, Trace

RANDOM = re.compile(r"[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}")
MOMENT = re.compile(
    r"datetime\.datetime\([^()]+\)"  # in a row
    r"|\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(\+\d\d:\d\d|Z)?"  # in a text
    r"|\b20\d{8}(\d{10})?\b"  # in the name of an event
)


def picture(colour: str = "red") -> SimpleUploadedFile:
    """A small picture as a browser would send it."""
    buffer = io.BytesIO()
    Image.new("RGB", (30, 20), colour).save(buffer, "PNG")
    return SimpleUploadedFile("picture.png", buffer.getvalue(), "image/png")


def tables(*left_out: type, without: set[str] | None = None) -> dict[str, list[dict[str, Any]]]:
    """The rows of every table but `left_out`, without the columns named."""
    return {
        model._meta.label: [
            {name: value for name, value in row.items() if name not in (without or ())}
            for row in model._base_manager.order_by("pk").values()
        ]
        for model in apps.get_models(include_auto_created=True)
        if model not in left_out
    }


def mails() -> list[tuple[str, tuple[str, ...], str]]:
    return [(each.subject, tuple(each.to), str(each.body)) for each in mail.outbox]


def files() -> dict[str, str]:
    """Each stored file with a hash of what is in it."""
    root = Path(default_storage.location)
    return {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in root.rglob("*")
        if path.is_file()
    }


def effects() -> dict[str, Any]:
    """Everything but the engine's own books."""
    return {**tables(Delivery, Trace, Heartbeat), "mails": mails(), "files": files()}


def timeless(value: Any) -> str:
    """As text, without moments and random names: what two runs of one script have in common."""
    return MOMENT.sub("<moment>", RANDOM.sub("<random>", str(value)))
