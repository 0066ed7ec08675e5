"""The fixture that makes swallowed errors visible must not itself be silent."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

CASES = {
    "logging.getLogger('signalflow.worker').error('lost')": "failed",
    "logging.getLogger('django.dispatch').error('swallowed')": "failed",
    "logging.getLogger('heliograph').warning('only a warning')": "passed",
}


def outcome_of(test: str, directory: Path) -> str:
    (directory / "test_case.py").write_text(f"import logging, pytest\n\n\n{test}\n")
    command = [sys.executable, *["-m", "pytest", "-q", "-p", "no:django", "-p", "tests.silence"]]
    done = subprocess.run(
        [*command, str(directory)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return {0: "passed", 1: "failed"}.get(done.returncode, done.stdout + done.stderr)


@pytest.mark.slow
@pytest.mark.parametrize(("line", "outcome"), CASES.items())
def test_a_logged_error_fails_the_test(tmp_path: Path, line: str, outcome: str) -> None:
    assert outcome_of(f"def test_case():\n    {line}", tmp_path) == outcome


@pytest.mark.slow
def test_an_expected_error_does_not(tmp_path: Path) -> None:
    marked = "@pytest.mark.expects_errors\ndef test_case():\n    "
    assert outcome_of(marked + next(iter(CASES)), tmp_path) == "passed"
