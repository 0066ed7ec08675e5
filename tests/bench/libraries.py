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
    """A filled site with two servers on the same data, and what is known of its pages."""

    server: Server  # as readers meet it
    builder: Server  # keeps nothing: each page is built from the database
    facts: dict[str, Any]
    environment: dict[str, str]  # of a process in this site


@contextlib.contextmanager
def library(
    posts: int, talk: int = 0, asked: Iterable[str] = (), **services: str
) -> Iterator[Library]:
    """A filled site, served until the block ends, and the queries of the pages asked for.

    `services` are the site's DATABASE_URL and CACHE_URL, without them it has files of its own.
    """
    with tempfile.TemporaryDirectory(prefix="heliograph-library-") as directory:
        environment = {"DATA_DIR": directory, **services}
        known = {**os.environ, **environment}

        def run(*arguments: str) -> str:
            command = [sys.executable, "-m", *arguments]
            return subprocess.run(
                command, env=known, check=True, stdout=subprocess.PIPE, text=True
            ).stdout

        run("tests.bench.library", str(posts), str(talk))
        facts = json.loads(run("tests.bench.asking", *asked).splitlines()[-1])
        building = {**environment, "PAGE_STORE_MB": "0"}
        with serving(OURS, environment) as server, serving(OURS, building) as builder:
            yield Library(server, builder, facts, known)
