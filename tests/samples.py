"""Test data from elsewhere that lies beside a checkout, and never in it."""

import json
from pathlib import Path
from typing import Any

import pytest

SAMPLES = Path(__file__).resolve().parent.parent.parent / "shared" / "data"


def sample(*parts: str) -> Path:
    """A file of the test data; skips the test where it is not there."""
    path = SAMPLES.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"no test data at {'/'.join(parts)}")
    return path


def sample_json(*parts: str) -> Any:
    return json.loads(sample(*parts).read_text(encoding="utf-8"))
