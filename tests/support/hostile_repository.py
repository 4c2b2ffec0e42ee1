"""A repository with contents that try to run programs, block, mislead or leak."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

SECRET = "ghp_" + "Zk3" * 12
PLAIN = "def weigh_the_honest_parcel(parcel):\n    return parcel.weight_g\n"
_AUTHOR = "Ann ![x](https://tracker.example/p.png) [y](command:run)"


def make(root: Path, *, pipes: bool) -> Path:
    """Fill `root` and return the file that appears if anything of it was run.

    With `pipes` where git reads files, git is not run at all; without, everything that git may be
    told is tried.
    """
    marker = root.parent / "something-ran"
    evil = root.parent / "evil.sh"
    evil.write_text(f"#!/bin/sh\necho ran >> {marker}\n")
    evil.chmod(0o755)
    root.mkdir(exist_ok=True)
    (root / "honest.py").write_text(PLAIN)
    (root / "src").mkdir(exist_ok=True)
    (root / "src" / "parcel.go").write_text(
        "package parcel\n\nfunc WeighTwice(grams int) int {\n\treturn 2 * grams\n}\n"
    )
    _modules(root, marker)
    _texts(root)
    _history(root, evil)
    _git_files(root, pipes=pipes)
    _odd_entries(root)
    return marker


def _modules(root: Path, marker: Path) -> None:
    """Modules that Python would import from the current folder."""
    for name in ("numpy.py", "json.py", "sitecustomize.py", "usercustomize.py", "encodings.py", "codekin/__init__.py"):
        file = root / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"open({str(marker)!r}, 'a').write(__name__)\n")
    (root / ".codekin").mkdir()
    (root / ".codekin" / "index.json").symlink_to("/etc/hostname")
    (root / ".codekin" / "vectors").symlink_to("/etc")


def _texts(root: Path) -> None:
    (root / "slow.hs").write_text("let a =\n" * 20_000)
    (root / "deep.py").write_text("(" * 100_000)
    (root / "minified.js").write_text("var a=" + "1+" * 300_000 + "1;\n")
    (root / "plot.css").write_text(
        "a { background: url(data:font;base64," + "A" * 40_000 + ") }\n.parcel { color: red }\n"
    )
    (root / "damaged.txt").write_bytes(b"\xff\xfeh\x00i\x00\xd8\xd8x")
    (root / "wide.txt").write_bytes("wide".encode("utf-32"))
    (root / "trojan.py").write_text("access = 'user\u202e \u2066# check\u2069 \u2066'\n")
    (root / "screen.py").write_text("def clear_screen():\n    return '\x1b]0;owned\x07\x1b[2J'\n")
    (root / "deploy.py").write_text(f'def deploy_the_parcel():\n    token = "{SECRET}"\n    return token\n')
    (root / ".env").write_text(f"TOKEN={SECRET}\n")
    (root / "evil\nname.py").write_text("def line_end_in_its_name():\n    return 1\n")
    (root / "a\u202egpj.py").write_text("def turned_around():\n    return 1\n")


def _history(root: Path, evil: Path) -> None:
    environment = {
        **os.environ,
        "GIT_AUTHOR_NAME": _AUTHOR,
        "GIT_AUTHOR_EMAIL": "a@b",
        "GIT_COMMITTER_NAME": "c",
        "GIT_COMMITTER_EMAIL": "c@d",
    }

    def git(*arguments: str, **more: str) -> None:
        subprocess.run(["git", *arguments], cwd=root, env={**environment, **more}, check=True, capture_output=True)

    git("init", "-q", "-b", "main")
    git("add", "honest.py", "src")
    git("commit", "-qm", "Weigh parcels <img src=x onerror=alert(1)> \x1b[31m")
    (root / "honest.py").write_text(PLAIN + "\n\ndef second_thought():\n    return 2\n")
    git("commit", "-qam", "Far away", GIT_AUTHOR_DATE="@99999999999 +0000", GIT_COMMITTER_DATE="@99999999999 +0000")
    for key in (
        *(
            "core.fsmonitor",
            "core.pager",
            "core.editor",
            "core.sshCommand",
            "core.askPass",
            "diff.external",
            "pager.log",
        ),
        *(
            "gpg.program",
            "credential.helper",
            "uploadpack.packObjectsHook",
            "interactive.diffFilter",
            "sequence.editor",
        ),
        *(
            "filter.x.clean",
            "filter.x.smudge",
            "filter.x.process",
            "diff.x.textconv",
            "diff.x.command",
            "merge.x.driver",
        ),
        *("alias.log", "alias.ls-files", "alias.rev-parse", "core.hooksPath", "core.gitProxy", "log.showSignature"),
    ):
        git("config", key, "true" if key == "log.showSignature" else str(evil))
    git("config", "diff.submodule", "diff")
    (root / ".gitattributes").write_text("* diff=x filter=x merge=x\n")


def _git_files(root: Path, *, pipes: bool) -> None:
    """What git and codekin read of a repository, as pipes and as bombs."""
    for name in ("info/exclude", "shallow", "info/grafts") if pipes else ():
        file = root / ".git" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.unlink(missing_ok=True)
        os.mkfifo(file)
    if pipes:
        os.mkfifo(root / ".mailmap")
    exploding = "\n".join("*a" * stars + "*b" for stars in (8, 12, 40))
    (root / ".gitignore").write_text(f"{exploding}\n/*.log\n!/.*\n!**/\n[[:digit:]]junk\n")
    (root / ("a" * 200 + ".py")).write_text("def long_name():\n    return 1\n")


def _odd_entries(root: Path) -> None:
    os.mkfifo(root / "pipe.py")
    (root / "zero.py").symlink_to("/dev/zero")
    (root / "out.py").symlink_to("/etc/passwd")
    (root / "loop").symlink_to(".")
    (root / "shut").mkdir()
    (root / "shut" / "inside.py").write_text("def inside():\n    return 1\n")
    (root / "shut").chmod(stat.S_IRUSR)
    (root / "worktree").mkdir()
    (root / "worktree" / ".git").write_text("gitdir: " + "x" * 10_000 + "\n")
    (root / "vendor").mkdir()
    (root / "vendor" / ".git").write_bytes(b"gitdir: a\0b\n")
    os.utime(root / "src" / "parcel.go", (2**33, 2**33))


if __name__ == "__main__":
    make(Path(sys.argv[1]), pipes=False)
