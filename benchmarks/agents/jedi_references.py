"""Definitions of a Python project and their references by jedi, run by a Python that has it.

The arguments are the folder and the number of definitions. Prints JSON.
"""

from __future__ import annotations

import ast
import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jedi  # type: ignore[import-not-found]

_SEED = 3
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def definitions(root: Path) -> Iterator[tuple[Path, int, tuple[str, ...]]]:
    """Yield (file, line of the name, qualified name) of functions, methods and classes."""
    for file in sorted(root.rglob("*.py")):
        text = file.read_text(encoding="utf-8")
        for names, node in _within(ast.parse(text), ()):
            lines = text.split("\n")
            word = "class" if isinstance(node, ast.ClassDef) else "def"
            line = next(at for at in range(node.lineno, len(lines) + 1) if f"{word} {names[-1]}" in lines[at - 1])
            yield file, line, names


def _within(tree: ast.AST, scope: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, (*_FUNCTIONS, ast.ClassDef)):
            if not node.name.startswith("__"):
                yield (*scope, node.name), node
            if isinstance(node, ast.ClassDef):
                yield from _within(node, (*scope, node.name))
        elif isinstance(node, (ast.If, ast.Try)):
            yield from _within(node, scope)


def main() -> None:
    """Print each definition of a sample with the lines that refer to it, itself included."""
    root, count = Path(sys.argv[1]).resolve(), int(sys.argv[2])
    project = jedi.Project(str(root))
    found = list(definitions(root))
    random.Random(_SEED).shuffle(found)
    rows = []
    for file, line, names in found[:count]:
        column = file.read_text(encoding="utf-8").split("\n")[line - 1].index(names[-1])
        script = jedi.Script(path=str(file), project=project)
        lines = {
            (Path(item.module_path).relative_to(root).as_posix(), item.line)
            for item in script.get_references(line, column, include_builtins=False)
            if item.module_path and Path(item.module_path).is_relative_to(root)
        }
        module = file.relative_to(root).with_suffix("").parts
        module = module[:-1] if module[-1] == "__init__" else module
        rows.append({"name": ".".join(names if len(names) > 1 else (*module, *names)), "lines": sorted(lines)})
    json.dump(rows, sys.stdout)


if __name__ == "__main__":
    main()
