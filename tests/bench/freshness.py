"""Readers while an author publishes every second: how long they wait, and what they are shown."""

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.bench.libraries import Library, library
from tests.bench.measuring import Row, rounds
from tests.bench.readers import HOME, Answer, Publication, read, stale, waited
from tests.bench.servers import LOAD_CORE, TIMEOUT_SECONDS, missing
from tests.bench.sizes import Sizes

POSTS = 20  # each second request is for one of so many posts, the newest of the library


class Author:
    """`tests.bench.author`, spoken to."""

    def __init__(self, place: Library, posts: int) -> None:
        # Beside the readers, and only while they wait: idle is behind even the nicest.
        command = ["taskset", "-c", LOAD_CORE, "chrt", "--idle", "0"]
        command += [sys.executable, "-m", "tests.bench.author", str(posts)]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        self.process = subprocess.Popen(command, env=place.environment, text=True, **pipes)
        self._line()

    def _line(self) -> str:
        if line := self.process.stdout.readline():
            return line
        raise RuntimeError("the author of the benchmark has ended")

    def publish(self, number: int) -> None:
        """Begin to publish so many posts, one every second."""
        self.process.stdin.write(f"{number}\n")
        self.process.stdin.flush()

    def told(self, number: int) -> list[Publication]:
        """Wait for so many publications."""
        return [Publication(**json.loads(self._line())) for _ in range(number)]

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait(TIMEOUT_SECONDS)
        self.process.stdout.close()


@dataclass(slots=True)
class Valley:
    """The readers of a library, and what they and its author did."""

    port: int
    paths: list[str]
    author: Author
    seconds: int
    answers: list[Answer] = field(default_factory=list)  # while something was published
    publications: list[Publication] = field(default_factory=list)

    def quiet(self) -> float:
        return waited(read(self.port, self.paths, self.seconds))

    def publishing(self) -> float:
        self.author.publish(self.seconds)
        answers = read(self.port, self.paths, self.seconds)
        self.publications += self.author.told(self.seconds)
        self.answers += answers
        return waited(answers)

    def stale(self) -> Iterator[Row]:
        """Counted from the door's return: the change has ended.

        And, for information, from the commit: pages end a moment after it.
        """
        moments = {
            "door returned": (lambda one: one.done, "≤ 0"),
            "commit": (lambda one: one.committed, ""),
        }
        for name, (moment, target) in moments.items():
            late = stale(self.answers, self.publications, moment)
            told = f"{len(self.publications)} publications, {len(self.answers):,} answers"
            if late:
                told += f", the last {max(late) * 1000:.1f} ms after"
            yield Row(f"stale answers since the {name}", len(late), target, "", told)


def while_publishing(sizes: Sizes) -> Iterator[Row]:
    """The rows; nothing where the load cannot be kept apart from the server."""
    if why := missing():
        print(f"freshness: skipped, {why}")
        return
    posts = range(sizes.few - POSTS, sizes.few)
    paths = [path for n in posts for path in (HOME, f"/posts/post-{n}/")]
    with contextlib.ExitStack() as stack:
        place = stack.enter_context(library(sizes.few))
        author = Author(place, sizes.seconds * (sizes.rounds + 1))
        stack.enter_context(contextlib.closing(author))
        valley = Valley(place.server.port, paths, author, sizes.seconds)
        took = rounds({"quiet": valley.quiet, "publishing": valley.publishing}, sizes.rounds)
    quiet, publishing = took["quiet"], took["publishing"]
    told = f"{quiet * 1000:.1f} ms → {publishing * 1000:.1f} ms"
    yield Row("p99 of readers, publishing / quiet", publishing / quiet, "≤ 2", note=told)
    yield from valley.stale()
