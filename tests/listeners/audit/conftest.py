"""A small site whose every row may change."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from blog import services
from blog.models import Tag
from comments.services import submit_comment
from signalflow.testing import run_deliveries
from tests.cast import person

SOON = timezone.now() + timedelta(days=300)


@pytest.fixture
def world(write, ada, rita) -> dict[str, Any]:
    public = write("On light", public=True, tags=["sun"])
    made = {
        "ada": ada,
        "rita": rita,
        "edith": person("edith", "Author", "Editor"),
        "draft": write("On mirrors"),
        "public": public,
        "planned": write("On shade"),
        "comment": submit_comment(public, author=rita, body="Bright"),
        "tag": Tag.objects.get(name="sun"),
    }
    services.schedule(made["planned"], by=ada, at=SOON)
    run_deliveries()
    return made
