"""The engine is the modules directly in `signalflow/`; it knows none of the rooms beside them."""

import ast
from pathlib import Path

import signalflow

FOLDER = Path(signalflow.__file__).parent
MODULES = sorted(FOLDER.glob("*.py"))
ROOMS = {folder.name for folder in FOLDER.iterdir() if (folder / "__init__.py").exists()}


def test_no_module_of_the_engine_imports_from_a_room() -> None:
    assert {"operating", "staff", "testing", "management"} <= ROOMS
    found = set()
    for module in MODULES:
        for node in ast.walk(ast.parse(module.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module:
                paths = [f"{node.module}.{name.name}" for name in node.names]
                found |= {(module.stem, path) for path in paths if path.split(".")[1] in ROOMS}
    # Django asks an app to register its checks when it is ready.
    assert found == {("apps", "signalflow.operating.checks")}
