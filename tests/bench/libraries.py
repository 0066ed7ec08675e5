"""Libraries made anew, each in a directory of its own, and served."""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from tests.bench.servers import Server, serving

OURS = "config.wsgi:application"


@dataclass(frozen=True, slots=True)
class Library:
    server: Server
    facts: dict[str, Any]


@contextlib.contextmanager
def library(posts: int, talk: int, asked: Iterable[str]) -> Iterator[Library]:
    """A filled site, served until the block ends, and the queries of the pages asked for."""
    with tempfile.TemporaryDirectory(prefix="heliograph-library-") as directory:
        environment = {"DATA_DIR": directory, "SITE_URL": "http://127.0.0.1:8000"}
        known = {**os.environ, **environment}

        def run(*arguments: str) -> str:
            command = [sys.executable, "-m", *arguments]
            return subprocess.run(
                command, env=known, check=True, stdout=subprocess.PIPE, text=True
            ).stdout

        run("tests.bench.library", str(posts), str(talk))
        facts = json.loads(run("tests.bench.asking", *asked).splitlines()[-1])
        with serving(OURS, environment) as server:
            yield Library(server, facts)
