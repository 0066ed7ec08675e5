"""The cache on a disk of its own that is full: a withdrawn post is withdrawn, in every process."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.blog.invalidation.test_killed_writers import PATHS, shown
from tests.blog.invalidation.test_stale_reads import PREPARE, Readers
from tests.site import Site

WITHDRAW = """
from blog import services
from blog.models import Post
services.{door}(Post.objects.get(slug="changing"), by=None)
"""


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["/bin/mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], capture_output=True
    )
    if mounted.returncode:
        pytest.skip("only root may mount a small disk")
    yield folder
    subprocess.run(["/bin/umount", "--lazy", folder], check=True)


def fill(folder: Path) -> None:
    with (folder / "rubbish").open("wb", buffering=0) as file:
        try:
            while True:
                file.write(os.urandom(4096))
        except OSError:
            pass


@pytest.mark.slow
def test_no_reader_is_shown_what_was_withdrawn(site: Site, small_disk: Path) -> None:
    cache = {"CACHE_URL": f"filecache://{small_disk}/cache"}
    site.python(PREPARE, **cache)
    readers = Readers(site.serve(**cache))
    for path in PATHS:
        shown(readers, path)
    fill(small_disk)
    for door in ("unpublish", "publish", "unpublish"):
        site.python(WITHDRAW.format(door=door), **cache)
        for path in PATHS * 2:
            assert shown(readers, path) == {readers.truth(path)}, f"{path} after {door}"
    (small_disk / "rubbish").unlink()
    for path in PATHS * 2:
        assert shown(readers, path) == {readers.truth(path)}, f"{path} with room again"
    site.python(WITHDRAW.format(door="publish"), **cache)
    for path in PATHS:
        assert shown(readers, path) == {readers.truth(path)}
