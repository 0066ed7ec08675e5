"""What Lighthouse says of home and a post on a telephone: its four scores, of a hundred."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from statistics import median

from tests.bench.libraries import library
from tests.bench.measuring import Row
from tests.bench.servers import missing
from tests.bench.sizes import Sizes

PROGRAM = ["npx", "--yes", "lighthouse@12"]  # the last major version that runs on Node 20
PAGES = {"home": "/", "post": "/posts/post-10/"}
SCORES = ("performance", "accessibility", "best-practices", "seo")
RUNS = 3  # the score of performance is that of a busy machine now and then
TRIES = 3  # now and then Chromium records nothing of a page
TIMEOUT_SECONDS = 180  # seconds


def scores(report: Mapping[str, object]) -> dict[str, float]:
    """The four scores of a report, of a hundred.  Raises RuntimeError if one was not given."""
    categories = report["categories"]
    assert isinstance(categories, dict)
    found = {name: categories[name]["score"] for name in SCORES}
    if None in found.values():
        raise RuntimeError(f"Lighthouse could not tell: {report.get('runtimeError') or found}")
    return {name: score * 100 for name, score in found.items()}


def middle(runs: list[dict[str, float]]) -> dict[str, float]:
    """The median of each score."""
    return {name: median(run[name] for run in runs) for name in SCORES}


def audits(sizes: Sizes) -> Iterator[Row]:
    """The rows; nothing, and why, without Node, a Chromium or the package."""
    chromium = os.environ.get("CHROME_PATH") or shutil.which("chromium") or ""
    if why := missing() or lacking(chromium):
        print(f"lighthouse: skipped, {why}")
        return
    with library(sizes.few) as place:
        for name, path in PAGES.items():
            url = f"http://127.0.0.1:{place.server.port}{path}"
            runs = [audited(url, chromium) for _ in range(RUNS)]
            for score, value in middle(runs).items():
                told = ", ".join(f"{run[score]:.0f}" for run in runs)
                yield Row(f"Lighthouse, {name}, {score}", value, "≥ 99", "", told)


def lacking(chromium: str) -> str:
    """What is not there, "" if all is.  The first time npx fetches the package."""
    if shutil.which("npx") is None or not chromium:
        return "npx or Chromium not installed (Debian: apt-get install npm chromium)"
    asked = subprocess.run([*PROGRAM, "--version"], capture_output=True, timeout=TIMEOUT_SECONDS)
    return f"npx has no {PROGRAM[-1]} and cannot fetch it" if asked.returncode else ""


def audited(url: str, chromium: str) -> dict[str, float]:
    """The scores of one visit.  Raises RuntimeError if there is no report after some tries."""
    command = [*PROGRAM, url, "--output=json", "--quiet"]
    command += [f"--only-categories={','.join(SCORES)}"]
    command += ["--chrome-flags=--headless=new --no-sandbox"]
    known = {**os.environ, "CHROME_PATH": chromium}
    for _ in range(TRIES):
        told = subprocess.run(command, env=known, capture_output=True, timeout=TIMEOUT_SECONDS)
        if told.returncode == 0:
            return scores(json.loads(told.stdout))
    raise RuntimeError(f"Lighthouse, {url}: {told.stderr.decode()}")
