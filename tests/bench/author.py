"""An author in a process of their own, who publishes a post every second through the door.

`python -m tests.bench.author 16` writes sixteen drafts in the site of DATA_DIR and says "ready".
Each line of its input is a number: so many are published, a line of JSON for each.
"""

import json
import logging
import os
import sys
import time
from collections.abc import Iterator

if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()

from django.db import connection

from accounts.models import User
from blog.models import Post
from blog.services import create_post, publish
from tests.bench.site import BODY, TAGS, author

PAUSE = 1.0  # seconds between two publications


def told(post: Post, by: User) -> dict[str, object]:
    """Publish it; its slug, and when it was committed and done, on the clock of all processes."""
    committed: list[float] = []
    commit = connection._commit

    def noting() -> None:
        commit()
        committed.append(time.monotonic())

    connection._commit = noting
    try:
        assert publish(post, by=by)
    finally:
        del connection._commit
    return {"slug": post.slug, "committed": committed[0], "done": time.monotonic()}


def published(drafts: Iterator[Post], number: int, by: User) -> None:
    begun = time.monotonic()
    for turn in range(number):
        time.sleep(max(0.0, begun + turn * PAUSE - time.monotonic()))
        print(json.dumps(told(next(drafts), by)), flush=True)


def main(number: int) -> None:
    logging.disable(logging.INFO)  # each act would be a line
    ada = author("ada")
    drafts = [create_post(ada, title=f"Seen {n}", body=BODY, tags=TAGS) for n in range(number)]
    print("ready", flush=True)
    waiting = iter(drafts)
    for line in sys.stdin:
        published(waiting, int(line), ada)


if __name__ == "__main__":
    main(int(sys.argv[1]))
