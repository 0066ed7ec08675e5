"""What MkDocs is told beside mkdocs.yml: documents outside docs/, and the decisions by number.

Every document links as it lies in the repository.  Some that lie outside docs/ are pages too; no
copy is made of them, and links to and from them are turned to where the pages are.
"""

import posixpath
import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

# The page of each document outside docs/.
PAGES = {
    "ARCHITECTURE.md": "architecture.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "pagecache/README.md": "pagecache.md",
    "signalflow/README.md": "signals/engine.md",
}
SOURCES = {page: source for source, page in PAGES.items()}

_LINK = re.compile(r"(?<=\]\()(?P<path>[^\s:)#]+\.md)(?=[#)])")


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Put the names of files where the navigation has a pattern of them."""
    docs = Path(config.docs_dir)
    for section in config.nav or []:
        for title, pages in section.items() if isinstance(section, dict) else ():
            if isinstance(pages, str) and "*" in pages:
                found = sorted(docs.glob(pages))
                section[title] = [file.relative_to(docs).as_posix() for file in found]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the documents that lie outside docs/."""
    root = Path(config.config_file_path).parent
    for source, page in PAGES.items():
        files.append(File.generated(config, page, abs_src_path=str(root / source)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Turn links between documents to their pages; MkDocs refuses those that lead nowhere."""
    here = page.file.src_uri
    folder = posixpath.dirname(SOURCES.get(here, f"docs/{here}"))

    def turned(link: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(folder, link["path"]))
        target = PAGES.get(target, target.removeprefix("docs/"))
        return posixpath.relpath(target, posixpath.dirname(here))

    return _LINK.sub(turned, markdown)
