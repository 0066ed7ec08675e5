"""What a web worker holds after many readers: the bounded pages, and what they leave behind."""

import contextlib
from collections.abc import Iterator

from tests.bench.libraries import library
from tests.bench.load import run, visit_each
from tests.bench.measuring import Row
from tests.bench.servers import baseline, missing
from tests.bench.sizes import Sizes


def after_visits(sizes: Sizes) -> Iterator[Row]:
    """The row; nothing where the servers cannot be visited."""
    if why := missing():
        print(f"memory: skipped, {why}")
        return
    visits = min(sizes.visits, sizes.some)
    with contextlib.ExitStack() as stack:
        bare = stack.enter_context(baseline("bare"))
        place = stack.enter_context(library(sizes.some))
        run(bare, "/", sizes.seconds, {})
        visit_each(place.server, "/posts/post-%d/", visits)
        ours, theirs = place.server.worker_memory(), bare.worker_memory()
    told = f"{ours / 1e6:.0f} MB, {theirs / 1e6:.0f} MB"
    yield Row(f"memory after {visits:,} pages / bare", ours / theirs, "≤ 1.8", note=told)
