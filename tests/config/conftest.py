"""An installation that a supervisor runs."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.config.run.running import ROOT, TIMEOUT_SECONDS, end, free_port, supervisor


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return kept | {"DATA_DIR": str(tmp_path), "PORT": str(free_port()), "WEB_WORKERS": "1"}


@pytest.fixture
def supervised(environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    migrate = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    subprocess.run(migrate, cwd=ROOT, env=environment, check=True, timeout=TIMEOUT_SECONDS * 4)
    process = supervisor(environment)
    yield process
    end(process)
