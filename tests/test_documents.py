"""The documents as a site: every link leads somewhere, and nothing is loaded from elsewhere."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.site import ROOT

DOCUMENTS = [
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "pagecache/README.md",
    "signalflow/README.md",
]
# What a browser fetches without being asked; a link may lead anywhere.
LOADED = re.compile(
    r"""<(?:script|img|iframe|source)\b[^>]*\bsrc=["']?(?:https?:)?//"""
    r"""|<link\b[^>]*\bhref=["']?(?:https?:)?//"""
    r"""|url\(["']?(?:https?:)?//|@import\s+["'](?:https?:)?//"""
)


def build(root: Path, site: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "mkdocs", "build", "--site-dir", str(site)]
    return subprocess.run(command, cwd=root, capture_output=True, text=True)


def test_every_document_is_a_page_and_loads_nothing_from_elsewhere(tmp_path: Path) -> None:
    done = build(ROOT, tmp_path)

    assert done.returncode == 0, done.stderr
    pages = [page.read_text() for page in tmp_path.rglob("*.html")]
    expected = [*(ROOT / "docs").rglob("*.md"), *DOCUMENTS]
    assert len(pages) == len(expected) + 1  # and the page for what is not there
    styles = [style.read_text() for style in tmp_path.rglob("*.css")]
    assert [found[0] for text in pages + styles for found in LOADED.finditer(text)] == []


# By document: a page, a heading, a file that is no page; from docs/ and from outside it.
BROKEN = {
    "docs/operating.md": ["gone-page.md", "cdn.md#gone-heading", "../manage.py"],
    "docs/signals/phases.md": ["../../ARCHITECTURE.md#gone-section"],
    "ARCHITECTURE.md": ["docs/decisions/9999-gone.md", "docs/moving.md#gone-part", "#gone-here"],
}


def test_a_link_that_leads_nowhere_is_refused(tmp_path: Path) -> None:
    for name in ["mkdocs.yml", *DOCUMENTS]:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    for document, links in BROKEN.items():
        with (tmp_path / document).open("a") as text:
            text.writelines(f"\n[broken]({link})\n" for link in links)

    done = build(tmp_path, tmp_path / "site")

    assert done.returncode == 1
    warnings = [line for line in done.stderr.splitlines() if line.startswith("WARNING")]
    broken = [link for links in BROKEN.values() for link in links]
    assert len(warnings) == len(broken)
    for link in broken:
        name = link.rpartition("#")[2].rpartition("/")[2]
        assert [line for line in warnings if name in line], link
