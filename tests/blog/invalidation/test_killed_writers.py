"""A process that is killed amid a publication or a withdrawal, at any statement of it.

Two web processes keep pages meanwhile.  After the next round of a worker none of them is old.
"""

import json
import os
from subprocess import Popen

import pytest

from tests.blog.invalidation.test_stale_reads import PREPARE, Readers
from tests.site import Site

# How many points of an act are tried, evenly; 0 for all of them, which takes minutes.
TRIED = int(os.environ.get("HELIOGRAPH_KILLS", "16"))
PATHS = ("/", "/posts/changing/", "/tags/sun/", "/authors/ada/", "/feed/")
READS = 4  # of each path, each by a new connection: both processes answer some

# At each line of input [act, point]: the act is done by a process that kills itself at this point,
# 0 for never; says how many points it passed.  A worker's round is an act as well.
WRITER = """
import json, os, signal, sys
import django
django.setup()
from django.db import connection, connections
from blog import services
from blog.models import Post
from signalflow.commits import Hook
from signalflow.worker import Worker

passed, fatal = 0, 0

def reach():
    global passed
    passed += 1
    if passed == fatal:
        os.kill(os.getpid(), signal.SIGKILL)

def execute(run, *arguments):
    reach()
    answer = run(*arguments)
    reach()
    return answer

call = Hook.__call__
def hooked(self):
    reach()
    call(self)
    reach()
Hook.__call__ = hooked

def act(name):
    post = Post.objects.get(slug="changing")
    if name == "work":
        Worker(until_empty=True).run()
    else:
        getattr(services, name)(post, by=None)

for line in sys.stdin:
    name, fatal = json.loads(line)
    connections.close_all()
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        with connection.execute_wrapper(execute):
            act(name)
        os.write(writing, str(passed).encode())
        os._exit(0)
    _, status = os.waitpid(child, 0)
    os.close(writing)
    print(json.dumps([os.WIFSIGNALED(status), int(os.read(reading, 20) or 0)]), flush=True)
    os.close(reading)
"""


def order(writer: Popen[str], name: str, point: int = 0) -> tuple[bool, int]:
    """Have it done; returns whether it was killed, and how many points it passed else."""
    assert writer.stdin
    assert writer.stdout
    writer.stdin.write(json.dumps([name, point]) + "\n")
    writer.stdin.flush()
    line = writer.stdout.readline()
    assert line, writer.stderr and writer.stderr.read()
    killed, passed = json.loads(line)
    return killed, passed


def shown(readers: Readers, path: str) -> set[tuple[str, ...]]:
    return {readers.read(path).seen for _ in range(READS)}


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize(("act", "undo"), [("publish", "unpublish"), ("unpublish", "publish")])
def test_after_a_round_of_the_worker_no_page_is_old(site: Site, act: str, undo: str) -> None:
    shared = {name: os.environ[name] for name in ("CACHE_URL",) if name in os.environ}
    site.python(PREPARE)
    readers = Readers(site.serve(**shared))
    writer = site.talk(WRITER, **shared)
    order(writer, undo)
    _, points = order(writer, act)
    assert points > 40
    old, kept, tried = [], 0, range(1, points + 1, max(1, points // (TRIED or points)))
    for point in tried:
        order(writer, undo)
        before = {path: shown(readers, path) for path in PATHS}
        order(writer, act, point)
        order(writer, "work")
        for path in PATHS:
            if (seen := shown(readers, path)) != {readers.truth(path)}:
                old.append((point, path, seen))
        kept += before["/"] != shown(readers, "/")
    assert old == []
    assert 0 < kept < len(tried), "killed before the commit, and behind it"
