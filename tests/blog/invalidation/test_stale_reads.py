"""Readers on two web processes while somebody writes: no read is older than the last change."""

import json
import os
import re
import threading
import time
import urllib.request
from dataclasses import dataclass
from subprocess import Popen
from typing import Any

import pytest

from tests.site import Site

ROUNDS = 30
PATHS = (
    "/",
    "/tags/sun/",
    "/tags/sea/",
    "/posts/changing/",
    "/feed/",
    "/archive/",
    "/authors/ada/",
)

PREPARE = """
from accounts.models import User
from django.contrib.auth.models import Group
from blog import services
from comments.services import approve_comment, submit_comment
ada, rita = (User.objects.create_user(name, f"{name}@example.org") for name in ("ada", "rita"))
ada.groups.add(Group.objects.get(name="Author"))
for number in range(8):
    post = services.create_post(ada, title=f"Still {number}", body="Light.", tags=["sun", "sea"])
    services.publish(post, by=ada)
post = services.create_post(ada, title="Changing", body="Light.", tags=["sun"])
services.publish(post, by=ada)
"""

# One change at each line of input; says when it began and ended, on the clock of the machine.
WRITER = """
import json, sys, time
import django
django.setup()
from accounts.models import User
from blog import services
from blog.models import Post
from comments.services import approve_comment, reject_comment, submit_comment

rita = User.objects.get(username="rita")

def edit(n, **changes):
    post = Post.objects.get(slug="changing")
    services.edit_post(post, by=None, version=post.version, **changes)

def approve(n):
    post = Post.objects.get(slug="changing")
    comment = submit_comment(post, author=rita, body=f"Remark-{n}")
    approve_comment(comment, by=None)

ACTS = [
    lambda n: edit(n, title=f"Changing Title-{n}"),
    lambda n: services.unpublish(Post.objects.get(slug="changing"), by=None),
    lambda n: services.publish(Post.objects.get(slug="changing"), by=None),
    approve,
    lambda n: edit(n, tags=["sea"] if n % 2 else ["sun"]),
]
for line in sys.stdin:
    number = int(line)
    begun = time.monotonic()
    ACTS[number % len(ACTS)](number)
    print(json.dumps([begun, time.monotonic()]), flush=True)
"""


@dataclass(frozen=True)
class Read:
    path: str
    begun: float
    ended: float
    seen: tuple[str, ...]


class Readers:
    """Threads that read all paths in turn, each time by a new connection."""

    def __init__(self, address: str) -> None:
        self.address, self.stop, self.reads = address, threading.Event(), list[Read]()
        self.threads = [threading.Thread(target=self.run, args=[n]) for n in range(3)]

    def run(self, start: int) -> None:
        number = start
        while not self.stop.is_set():
            self.reads.append(self.read(PATHS[number % len(PATHS)]))
            number += 1

    def read(self, path: str, **headers: str) -> Read:
        asked = urllib.request.Request(f"{self.address}{path}", headers=headers)  # noqa: S310 - our own
        begun = time.monotonic()
        try:
            with urllib.request.urlopen(asked, timeout=20) as answer:  # noqa: S310
                text = answer.read().decode()
        except urllib.error.HTTPError as error:
            text = f"Status-{error.code}"
        found = sorted(set(re.findall(r"(?:Title|Remark|Status)-\d+|Changing", text)))
        return Read(path, begun, time.monotonic(), tuple(found))

    def truth(self, path: str) -> tuple[str, ...]:
        """What the database says: a visitor with a session is never shown a kept page."""
        return self.read(path, Cookie="sessionid=nobody").seen


def change(writer: Popen[str], number: int) -> tuple[float, float]:
    assert writer.stdin
    assert writer.stdout
    writer.stdin.write(f"{number}\n")
    writer.stdin.flush()
    line = writer.stdout.readline()
    assert line, writer.stderr and writer.stderr.read()
    begun, ended = json.loads(line)
    return begun, ended


@pytest.mark.slow
def test_no_read_is_older_than_the_last_finished_change(site: Site) -> None:
    shared = {name: os.environ[name] for name in ("CACHE_URL",) if name in os.environ}
    site.python(PREPARE)
    readers = Readers(site.serve(**shared))
    writer = site.talk(WRITER, **shared)
    for thread in readers.threads:
        thread.start()
    windows: list[tuple[float, float, dict[str, Any]]] = []
    for number in range(ROUNDS):
        _, ended = change(writer, number)
        time.sleep(0.15)  # the readers read what is so now
        truth = {path: readers.truth(path) for path in PATHS}
        windows.append((ended, time.monotonic(), truth))
    readers.stop.set()
    for thread in readers.threads:
        thread.join()
    quiet = [
        (read, truth[read.path])
        for read in readers.reads
        for since, until, truth in windows
        if since < read.begun and read.ended < until
    ]
    assert len(quiet) > ROUNDS * 10, "readers were there"
    assert [(read, true) for read, true in quiet if read.seen != true] == []
    assert len({read.seen for read, _ in quiet}) > ROUNDS / 2, "they saw the changes"
