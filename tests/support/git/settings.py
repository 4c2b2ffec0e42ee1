"""Write `tests/git/settings.tsv`: every documented setting of git and its kind.

The kind says whether the setting can name a program or a path.

`python tests/support/git/settings.py` reads `git help --config` and the manual page git-config(5 or
1) of the installed git and merges what it finds into the table; lines of the table that this
version no longer has are kept, since other versions do.
"""

from __future__ import annotations

import gzip
import re
import subprocess
from pathlib import Path

TABLE = Path(__file__).parents[2] / "git" / "settings.tsv"
MANUAL = Path("/usr/share/man/man1/git-config.1.gz")

PROGRAM = re.compile(
    r"(cmd|command|program|helper|hook|editor|pager|askpass|proxy|diff\.external|difffilter|textconv|driver|clean|smudge"
    r"|process|uploadpack|receivepack|vcs|browser|httpd|tunnel|fsmonitor|alias\.|update|guitool|filter|tocmd|smtpserver|ext)$",
    re.IGNORECASE,
)
PATH = re.compile(
    r"(path|file|dir|directory|template|worktree|keyring|root|cainfo|cert|key|target|scopes?|url|insteadof|repo)$",
    re.IGNORECASE,
)
SAYS_PROGRAM = re.compile(
    r"command|program|executable|script|shell|hook|editor|pager|helper|invoke|run ", re.IGNORECASE
)
SAYS_PATH = re.compile(r"path|pathname|file ?name|\bfiles?\b|director(y|ies)|\burls?\b", re.IGNORECASE)

ELSEWHERE = {
    # In gitattributes(5), git-interpret-trailers(1), git-archive(1), git-lfs, and in versions after
    # 2.39.
    "attr.tree": "plain",
    "core.useBuiltinFSMonitor": "program",
    "credential.<url>.helper": "program",
    "diff.<driver>.algorithm": "plain",
    "diff.<driver>.trustExitCode": "plain",
    "extensions.partialClone": "program",
    "extensions.refStorage": "path",
    "filter.<driver>.process": "program",
    "filter.<driver>.required": "program",
    "fsmonitor.allowRemote": "program",
    "hook.<name>.command": "program",
    "hook.<name>.event": "program",
    "lfs.customtransfer.<name>.path": "program",
    "mergetool.<tool>.layout": "plain",
    "remote.<name>.promisor": "program",
    "remote.<name>.serverOption": "plain",
    "scalar.repo": "path",
    "sendemail.headerCmd": "program",
    "sendemail.sendmailCmd": "program",
    "svn-remote.<name>.url": "path",
    "tar.<format>.command": "program",
    "trailer.<token>.cmd": "program",
    "trailer.<token>.command": "program",
    "trailer.<token>.key": "plain",
}


def named_by_git() -> list[str]:
    """Return all settings of `git help --config`, with patterns such as `diff.<driver>.command`."""
    listed = subprocess.run(["git", "help", "--config"], capture_output=True, text=True, check=True).stdout
    return sorted({line for line in listed.splitlines() if re.match(r"[A-Za-z]\S*\.\S+$", line)})


def manual() -> dict[str, str]:
    """What the manual page says of each setting; empty where it is not installed."""
    if not MANUAL.exists():
        return {}
    text = gzip.decompress(MANUAL.read_bytes()).decode("utf-8", "replace").replace("\\&", "").replace("\\-", "-")
    parts = re.split(r"^\.PP\n(?=[a-zA-Z]+\.\S)", text, flags=re.MULTILINE)
    said = {}
    for part in parts:
        name, _, rest = part.partition("\n")
        for one in re.sub(r"\\f[A-Z]", "", name).split(", "):
            said[one.strip()] = rest
    return said


def kind_of(name: str, said: str) -> str:
    """Return `program`, `path` or `plain`, in doubt the former. Tests try the first two."""
    if PROGRAM.search(name) or SAYS_PROGRAM.search(said):
        return "program"
    return "path" if PATH.search(name) or SAYS_PATH.search(said) else "plain"


def read_table() -> dict[str, str]:
    """Setting → kind."""
    lines = TABLE.read_text(encoding="utf-8").splitlines() if TABLE.exists() else []
    return dict(line.split("\t") for line in lines if line and not line.startswith("#"))


def main() -> None:
    said = manual()
    table = {**ELSEWHERE, **{name: kind_of(name, said.get(name, "")) for name in named_by_git()}, **read_table()}
    version = subprocess.run(["git", "version"], capture_output=True, text=True, check=True).stdout.strip()
    head = f"# Settings of git, last merged from {version} by tests/support/git/settings.py; see there.\n"
    order = sorted(table.items(), key=lambda item: (item[0].lower(), item[0]))
    TABLE.write_text(head + "".join(f"{name}\t{kind}\n" for name, kind in order), encoding="utf-8")


if __name__ == "__main__":
    main()
