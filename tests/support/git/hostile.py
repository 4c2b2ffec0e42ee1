"""A repository that tries to start programs.

Every setting of git that can name a program names a trap, which leaves a mark when it runs.
"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

HOOKS = [
    "applypatch-msg",
    "pre-applypatch",
    "post-applypatch",
    "pre-commit",
    "pre-merge-commit",
    "prepare-commit-msg",
    "commit-msg",
    "post-commit",
    "pre-rebase",
    "post-checkout",
    "post-merge",
    "pre-push",
    "pre-receive",
    "update",
    "proc-receive",
    "post-receive",
    "post-update",
    "reference-transaction",
    "push-to-checkout",
    "pre-auto-gc",
    "post-rewrite",
    "sendemail-validate",
    "fsmonitor-watchman",
    "p4-changelist",
    "p4-prepare-changelist",
    "p4-post-changelist",
    "p4-pre-submit",
    "post-index-change",
]
ALIASES = [
    "log",
    "show",
    "blame",
    "ls-tree",
    "ls-files",
    "cat-file",
    "rev-parse",
    "rev-list",
    "for-each-ref",
    "config",
    "check-ignore",
    "status",
    "version",
]
ATTRIBUTES = "* filter=trap diff=trap merge=trap\n"
_TRAP = '#!/bin/sh\n: > "$0.sprung"\ncat 2>/dev/null </dev/null\nexit 0\n'
_SECTION = re.compile(r"([^.]+)\.(?:(.*)\.)?([^.]+)$", re.DOTALL)
_PLACES = {
    "<driver>": "trap", "<cmd>": "log", "<tool>": "trap", "<format>": "openpgp", "<url>": "https://example.org",
    "<token>": "trap", "<base>": "https://example.org/", "<condition>": "gitdir:**", "<command>": "amend",
}  # fmt: skip
_COMPANIONS = """
[log]
	showSignature = true
	mailmap = true
[diff]
	submodule = diff
	external = {trap}/companion
[submodule]
	recurse = true
[status]
	submoduleSummary = true
[gpg]
	minTrustLevel = never
"""
"""Settings that make git use the others."""


class HostileRepository:
    """A work tree in `folder`, its traps in `traps`, and the settings without traps in `base`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "work"
        self.traps = folder / "traps"
        self.traps.mkdir(parents=True)
        self._git("init", "-q", "-b", "main", str(folder / "inner"), cwd=folder)
        (folder / "inner/f").write_text("one\n")
        self._git("add", "f", cwd=folder / "inner")
        self._git("commit", "-qm", "one", cwd=folder / "inner")
        (folder / "inner/f").write_text("two\n")
        self._git("commit", "-qam", "two", cwd=folder / "inner")
        self._git("init", "-q", "-b", "main", str(self.folder), cwd=folder)
        (self.folder / "a.py").write_text("def first():\n    return 1\n")
        (self.folder / ".gitattributes").write_text(ATTRIBUTES)
        self._git("submodule", "--quiet", "add", str(folder / "inner"), "sub")
        self._git("checkout", "-q", "HEAD~1", cwd=self.folder / "sub")
        self._git("add", "-A")
        self._git("commit", "-qm", "Begin")
        self._git("checkout", "-q", "main", cwd=self.folder / "sub")
        (self.folder / "a.py").write_text("def first():\n    return 2\n\n\n\n")
        self._git("add", "-A")
        self._git("commit", "-qm", "Change first and the submodule (#1)")
        # A signature that git would check, on a commit of its own.
        text = self._git("cat-file", "commit", "HEAD").replace(
            "\n\n", "\ngpgsig -----BEGIN PGP SIGNATURE-----\n x\n\n", 1
        )
        signed = self._git("hash-object", "-t", "commit", "-w", "--stdin", given=text)
        self._git("update-ref", "refs/heads/main", signed)
        (self.folder / "a.py").write_text("def first():\n    return 3\n")
        (self.folder / ".git/info/attributes").write_text(ATTRIBUTES)
        self.settings = self.folder / ".git/config"
        self.base = self.settings.read_text()
        self.inner_settings = self.folder / ".git/modules/sub/config"
        self.inner_base = self.inner_settings.read_text()

    def _git(self, *arguments, cwd=None, given=None):
        allowed = ("-c", "protocol.file.allow=always", "-c", "user.name=Ann", "-c", "user.email=ann@example.org")
        environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
        done = subprocess.run(
            ["git", *allowed, *arguments], cwd=cwd or self.folder, env=environment, check=True, capture_output=True,
            text=True, input=given,
        )  # fmt: skip
        return done.stdout.strip() if arguments[0] != "cat-file" else done.stdout

    def trap(self, name: str) -> Path:
        """A program that leaves a mark of this name."""
        path = self.traps / re.sub(r"[^\w.-]+", "_", name)
        path.write_text(_TRAP)
        path.chmod(0o755)
        return path

    def plant(self, *names: str) -> None:
        """Set each setting, in the repository and its submodule, to a separate trap."""
        self.trap("companion")
        text = _COMPANIONS.format(trap=self.traps) + "".join(self._setting(name) for name in names)
        self.settings.write_text(self.base + text)
        self.inner_settings.write_text(self.inner_base + text)

    def plant_value(self, name: str, value: str) -> None:
        """Sets one setting to a value."""
        self.settings.write_text(self.base + _text(name, value))

    def plant_hooks(self) -> None:
        """In the usual folder and in one of the settings."""
        for folder in (self.folder / ".git/hooks", self.folder / ".git/modules/sub/hooks"):
            folder.mkdir(exist_ok=True)
            for hook in HOOKS:
                path = folder / hook
                path.write_text(_TRAP.replace("$0", str(self.traps / f"hook-{hook}")))
                path.chmod(0o755)

    def plant_programs(self) -> None:
        """Programs of the names that are run, in the work tree."""
        for name in ("git", "git.exe", "sh", "cat", "less", "false", "ssh", "gpg", "python", "python3", "git-log"):
            path = self.folder / name
            path.write_text(_TRAP.replace("$0", str(self.traps / f"program-{name}")))
            path.chmod(0o755)

    def sprung(self) -> list[str]:
        """The marks that were left, by name."""
        return sorted(path.name.removesuffix(".sprung") for path in self.traps.glob("*.sprung"))

    def _setting(self, name: str) -> str:
        if name == "alias.*":
            return "".join(_text(f"alias.{alias}", f"!{self.trap(f'alias-{alias}')}") for alias in ALIASES)
        if name.startswith(("include", "core.worktree", "core.bare", "safe.bareRepository")):
            return ""  # tried by other tests
        trap = str(self.trap(name))
        if name.endswith("update") or name.startswith("credential."):
            trap = f"!{trap}"
        elif name.endswith((".url", "pushurl", "bundle.uri")):
            trap = f"ext::{trap}"
        elif name.endswith("promisor"):
            trap = "true"
        elif name == "extensions.partialClone":
            trap = "origin"
        return _text(name, trap)


def _text(name: str, value: str) -> str:
    """A setting as the settings file has it; patterns of the documentation become names."""
    for place, text in _PLACES.items():
        name = name.replace(place, text)
    owner = {"branch": "main", "submodule": "sub"}.get(name.partition(".")[0], "origin")
    name = re.sub(r"<[^>]+>", owner, name).replace("*", "helper")
    section, part, key = _SECTION.match(name).groups()
    head = f'[{section} "{part}"]' if part else f"[{section}]"
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'{head}\n\t{key} = "{escaped}"\n'
