"""The path of the git program, the settings that override the user's, and its environment."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from codekin.errors import GitError

NEUTRAL_FOLDER = Path(__file__).parent
"""Current folder of git and its empty work tree.

It belongs to this program and contains nothing that git reads.
"""

_NAMES = ("git.exe",) if sys.platform == "win32" else ("git",)
_NOTHING = os.devnull
OVERRIDES = (
    # Programs. `false` and an empty value start nothing; an empty value clears the helpers.
    "core.fsmonitor=false",
    f"core.hooksPath={_NOTHING}",
    "core.sshCommand=false",
    "core.gitProxy=",
    "core.askPass=",
    "core.editor=false",
    "core.pager=cat",
    "core.alternateRefsCommand=",
    "credential.helper=",
    "sequence.editor=false",
    "diff.external=",
    "interactive.diffFilter=",
    "gpg.program=false",
    "gpg.openpgp.program=false",
    "gpg.x509.program=false",
    "gpg.ssh.program=false",
    "gpg.ssh.defaultKeyCommand=",
    "log.showSignature=false",
    "uploadpack.packObjectsHook=",
    "protocol.allow=never",
    "protocol.ext.allow=never",
    "protocol.file.allow=never",
    "protocol.git.allow=never",
    "protocol.http.allow=never",
    "protocol.https.allow=never",
    "protocol.ssh.allow=never",
    # A git process in a submodule would read that submodule's settings.
    "diff.submodule=short",
    "diff.ignoreSubmodules=all",
    "status.submoduleSummary=false",
    "submodule.recurse=false",
    "fetch.recurseSubmodules=false",
    # Background work.
    "gc.auto=0",
    "maintenance.auto=false",
    "core.untrackedCache=false",
    # Files that git would read; reading a pipe in their place never ends.
    f"diff.orderFile={_NOTHING}",
    f"core.attributesFile={_NOTHING}",
    "blame.ignoreRevsFile=",
    "mailmap.file=",
    "mailmap.blob=HEAD:.mailmap",
    # Settings that change the output parsed by this program.
    "log.follow=false",
    "log.showRoot=true",
    "log.decorate=false",
    "core.commitGraph=true",
    "core.quotePath=false",
    "color.ui=false",
    "column.ui=never",
    "diff.relative=false",
    "diff.noprefix=false",
    "diff.mnemonicPrefix=false",
    "diff.colorMoved=no",
    "diff.suppressBlankEmpty=false",
    "blame.showRoot=false",
    "blame.markUnblamableLines=false",
    "blame.markIgnoredLines=false",
    "notes.displayRef=",
)
"""Settings that take precedence over those of the repository, the user and the system."""

_KEPT = ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", "GIT_CEILING_DIRECTORIES")
_KEPT_PREFIXES = ("GIT_CONFIG_COUNT", "GIT_CONFIG_KEY_", "GIT_CONFIG_VALUE_")
"""Variables with the user's settings.

All other variables of git may point to another repository or name a program.
"""
_DROPPED = ("SSH_ASKPASS", "PAGER", "EDITOR", "VISUAL", "LESS")
_FIXED = {
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_LAZY_FETCH": "1",
    # Git before 2.44 ignores GIT_NO_LAZY_FETCH: a partial clone would fetch missing objects.
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_ASKPASS": "",
    "SSH_ASKPASS": "",
    "GIT_PAGER": "cat",
    "GIT_EDITOR": "false",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "LC_ALL": "C",
}


def git_program() -> str:
    """Return the absolute path of git. Raises GitError if it is not installed."""
    program = _find(os.environ.get("PATH", os.defpath), _current_folder())
    if not program:
        raise GitError("Git is not installed or not on PATH. Files are searched without history. To fix: install git.")
    return program


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment of git, without variables that name programs or other repositories."""
    kept = {name: value for name, value in os.environ.items() if _is_kept(name.upper())}
    path = os.pathsep.join(_folders(os.environ.get("PATH", os.defpath), _current_folder()))
    return {**kept, **_FIXED, "PATH": path, **(extra or {})}


def options() -> list[str]:
    """Return the options between `git` and the name of the command."""
    return ["--no-pager", *(part for override in OVERRIDES for part in ("-c", override))]


def _is_kept(name: str) -> bool:
    if name.startswith("GIT_"):
        return name in _KEPT or name.startswith(_KEPT_PREFIXES)
    return name not in _DROPPED


def _current_folder() -> str:
    try:
        return str(Path.cwd())
    except OSError:
        return ""  # the folder was removed


def _folders(path: str, current: str) -> list[str]:
    """Return the absolute folders of PATH, without the current folder.

    Relative and empty entries mean the current folder.
    """
    normal = os.path.normcase(current)
    folders = (folder for folder in path.split(os.pathsep) if folder and Path(folder).is_absolute())
    return [folder for folder in folders if os.path.normcase(os.path.normpath(folder)) != normal]


@lru_cache(maxsize=8)
def _find(path: str, current: str) -> str:
    for folder in _folders(path, current):
        for name in _NAMES:
            candidate = Path(folder) / name
            if candidate.is_file() and os.access(candidate, os.X_OK):
                return str(candidate)
    return ""
