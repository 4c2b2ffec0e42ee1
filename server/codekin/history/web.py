"""Where a commit or a pull request is to be read on the web, as far as the name of the remote repository tells."""

from __future__ import annotations

import re
from pathlib import Path

from codekin.errors import HistoryError
from codekin.history.git import ASKED_DEADLINE_S, open_git

_REMOTES = ("origin", "upstream")
_SSH = re.compile(r"^(?:ssh://)?(?:[\w.-]+@)?([\w.-]+)(?::\d+)?[:/](?!//)(.+?)(?:\.git)?/?$")
_HTTP = re.compile(r"^https?://(?:[^@/]*@)?([\w.-]+(?::\d+)?)/(.+?)(?:\.git)?/?$")
_PLACES = {
    "github": ("/commit/{sha}", "/pull/{number}"),
    "gitlab": ("/-/commit/{sha}", "/-/merge_requests/{number}"),
    "bitbucket": ("/commits/{sha}", "/pull-requests/{number}"),
}
"""Word in the host's name → (place of a commit, of a pull request) below the repository's address."""


def web_address(root: Path, sha: str, number: int) -> str:
    """Of pull request `number`, or of the commit where that is 0; "" where no remote is of a known kind. Nothing is asked of the
    network, and what a remote's address says of users and passwords is left out.
    """
    try:
        git = open_git(root, deadline_s=ASKED_DEADLINE_S)
    except HistoryError:
        return ""  # who asked has no commit to show either
    if git is None:
        return ""
    for remote in _REMOTES:
        try:
            address = git.text("config", "--get", f"remote.{remote}.url")
        except HistoryError:
            continue  # there is no such remote
        if found := address_of(address, sha, number):
            return found
    return ""


def address_of(remote: str, sha: str, number: int) -> str:
    """The same, from the address of the remote repository."""
    found = _HTTP.match(remote) or _SSH.match(remote)
    if found is None:
        return ""
    host, path = found.groups()
    kind = next((word for word in _PLACES if word in host.lower()), "")
    if not kind:
        return ""
    commit, request = _PLACES[kind]
    return f"https://{host}/{path}" + (request.format(number=number) if number else commit.format(sha=sha))
