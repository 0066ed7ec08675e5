"""The engine stays small: what lies directly in `signalflow/` is counted, and knows no room."""

import ast
import io
import tokenize
from collections import Counter
from pathlib import Path

import signalflow

ROOM = Path(signalflow.__file__).parent
MODULES = sorted(ROOM.glob("*.py"))
ROOMS = {folder.name for folder in ROOM.iterdir() if (folder / "__init__.py").exists()}

# What it had when this was written, and a little air.  A promise may be worth more of it: then
# raise a number here and say in ARCHITECTURE.md what it bought.
STATEMENTS = 750  # neither imports nor docstrings
CODE_LINES = 1120  # neither blank lines nor comments nor docstrings

IMPORTS = (ast.Import, ast.ImportFrom)
UNCOUNTED = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT)


def is_text(statement: ast.stmt) -> bool:
    """A docstring, or the text below a constant."""
    alone = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    return alone and isinstance(statement.value.value, str)


def counted(source: str) -> Counter[str]:
    statements = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.stmt)]
    texts = {
        line
        for text in statements
        if is_text(text)
        for line in range(text.lineno, text.end_lineno + 1)
    }
    lines = {
        line
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type not in UNCOUNTED and token.string
        for line in range(token.start[0], token.end[0] + 1)
    }
    runs = [node for node in statements if not (is_text(node) or isinstance(node, IMPORTS))]
    return Counter(statements=len(runs), lines=len(lines - texts))


def test_what_is_counted() -> None:
    source = '"""What it is."""\n\nimport os\n\n# why\nX = [\n    1,\n]\n"""X."""\n'
    assert counted(source) == {"statements": 1, "lines": 4}


def test_the_engine_does_not_grow_unnoticed() -> None:
    counts = {module.name: counted(module.read_text()) for module in MODULES}
    total = sum(counts.values(), Counter())
    told = "\n".join(f"{name:16} {dict(count)}" for name, count in counts.items())
    assert total["statements"] <= STATEMENTS, f"{total}\n{told}"
    assert total["lines"] <= CODE_LINES, f"{total}\n{told}"


def test_no_module_of_the_engine_imports_from_a_room() -> None:
    assert {"operating", "pages", "testing", "management"} <= ROOMS
    found = set()
    for module in MODULES:
        for node in ast.walk(ast.parse(module.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module:
                paths = [f"{node.module}.{name.name}" for name in node.names]
                found |= {(module.stem, path) for path in paths if path.split(".")[1] in ROOMS}
    # Django asks an app to register its checks when it is ready.
    assert found == {("apps", "signalflow.operating.checks")}
