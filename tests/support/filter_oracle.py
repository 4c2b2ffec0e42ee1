"""Random records and filters, and an independent implementation of which records match."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from functools import partial

from hypothesis import strategies as st

from codekin.chunking import language_of
from codekin.domain.commits import commit_path
from codekin.domain.values import FileRecord, Node, NodeKind

FOLDERS = ("", "src/", "src/deep/", "vendor/", "tests/")
ENDINGS = ("py", "go", "md", "test.py")
AUTHORS = ("Ann Lee", "Bob", "Änne", "")
LANGUAGES = {"py": "python", "go": "go", "md": "markdown"}
KINDS = [kind.value for kind in (NodeKind.CODE, NodeKind.TEST, NodeKind.FILE, NodeKind.COMMIT, NodeKind.PULL_REQUEST)]
SYMBOLS = ("function", "class", "")
FIRST = datetime.date(2025, 12, 1)
paths = st.builds(
    lambda folder, stem, ending: f"{folder}{stem}.{ending}",
    st.sampled_from(FOLDERS),
    st.sampled_from(("a", "b", "main")),
    st.sampled_from(ENDINGS),
)
days = st.integers(0, 120)


@dataclass(frozen=True)
class Wish:
    """One filter: its name, its values, whether they are excluded."""

    name: str
    values: tuple
    minus: bool

    def text(self):
        quoted = [f'"{value}"' if " " in value else value for value in map(str, self.values)]
        return f"{'-' if self.minus else ''}{self.name}:{','.join(quoted)}"


@st.composite
def records(draw):
    found = []
    for number, path in enumerate(draw(st.lists(paths, max_size=6, unique=True))):
        nodes = [Node(number * 10, NodeKind.FILE, 0, 9)]
        for place in range(draw(st.integers(0, 2))):
            kind = draw(st.sampled_from((NodeKind.CODE, NodeKind.TEST)))
            nodes.append(Node(number * 10 + place + 1, kind, place, place + 1, "f", draw(st.sampled_from(SYMBOLS))))
        found.append(record(draw, path, language_of(path), tuple(nodes)))
    for number in range(draw(st.integers(0, 4))):
        kinds = draw(st.sampled_from(((NodeKind.COMMIT,), (NodeKind.COMMIT, NodeKind.PULL_REQUEST), ())))
        nodes = tuple(
            Node(1000 + number * 10 + place, kind, 0, 1, f"title {number}", "#1") for place, kind in enumerate(kinds)
        )
        touched = tuple(draw(st.lists(paths, max_size=3, unique=True)))
        found.append(record(draw, commit_path(f"{number:040x}"), "", nodes, touched))
    return found


def record(draw, path, language, nodes, touched=()):
    day = draw(days)
    date = (
        0 if day == 0 else int(datetime.datetime.combine(FIRST, datetime.time(12), datetime.timezone.utc).timestamp())
    )
    date += day * 86_400 if day else 0
    return FileRecord(
        path, language, 1, 1, b"d", nodes, draw(st.sampled_from(AUTHORS)), date, "text" if touched else "", touched
    )


def a_wish(name, values, most=2):
    return st.builds(
        Wish, st.just(name), st.lists(values, min_size=1, max_size=most, unique=True).map(tuple), st.booleans()
    )


dates = days.map(lambda day: FIRST + datetime.timedelta(days=day))
wishes = st.one_of(
    a_wish("lang", st.sampled_from(("python", "go", "markdown"))),
    a_wish("ext", st.sampled_from(ENDINGS)),
    a_wish("path", st.sampled_from(("src/**", "vendor", "/tests/", "*.md", "main.py"))),
    a_wish("author", st.sampled_from(("ann lee", "B", "ÄNNE", "e"))),
    a_wish("kind", st.sampled_from(KINDS)),
    a_wish("symbol", st.sampled_from(("function", "class"))),
    st.builds(Wish, st.sampled_from(("after", "before")), st.tuples(dates), st.just(False)),
)


def path_matches(glob, file):
    parts = file.split("/")
    return {
        "src/**": file.startswith("src/"),
        "vendor": "vendor" in parts,
        "/tests/": file.startswith("tests/"),
        "*.md": file.endswith(".md"),
        "main.py": parts[-1] == "main.py",
    }[glob]


def holds(wanted, record, node):
    """Whether a node passes all wishes."""
    for name in {wish.name for wish in wanted}:
        same = [wish for wish in wanted if wish.name == name]
        plus = [value for wish in same if not wish.minus for value in wish.values]
        minus = [value for wish in same if wish.minus for value in wish.values]
        if not holds_one(name, plus, minus, record, node):
            return False
    return True


def holds_one(name, plus, minus, record, node):
    files = record.touched if record.path.startswith("commit:") else (record.path,)
    date = datetime.datetime.fromtimestamp(record.date, datetime.timezone.utc).date()

    def passes(test):
        return (not plus or any(map(test, plus))) and not any(map(test, minus))

    def some_file(test):
        return any(passes(partial(test, file=file)) for file in files)

    checks = {
        "lang": lambda: some_file(lambda value, file: LANGUAGES[file.rsplit(".", 1)[1]] == value),
        "ext": lambda: some_file(lambda value, file: file.endswith(f".{value}")),
        "path": lambda: some_file(path_matches) if files else not plus,
        "author": lambda: passes(lambda value: value.casefold() in record.author.casefold()),
        "kind": lambda: passes(lambda value: node.kind.value == value),
        "symbol": lambda: bool(node.symbol_kind) and passes(lambda value: node.symbol_kind == value),
        "after": lambda: record.date > 0 and all(date >= value for value in plus),
        "before": lambda: record.date > 0 and all(date <= value for value in plus),
    }
    return checks[name]()
