from pathlib import Path

import pytest

from tests.transfer.exports import HEAD, TAIL


@pytest.fixture
def export(tmp_path):
    def write(*parts: str, head: str = HEAD, tail: str = TAIL) -> Path:
        file = tmp_path / "export.xml"
        file.write_text(head + "".join(parts) + tail, encoding="utf-8")
        return file

    return write
