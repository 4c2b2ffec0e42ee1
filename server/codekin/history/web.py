"""Web addresses of commits and pull requests, derived from the address of the remote repository."""

from __future__ import annotations

import re
from pathlib import Path

from codekin.errors import HistoryError
from codekin.history.git import INTERACTIVE_DEADLINE_S, open_git

_REMOTES = ("origin", "upstream")
_SSH = re.compile(r"^(?:ssh://)?(?:[\w.-]+@)?([\w.-]+)(?::\d+)?[:/](?!//)(.+?)(?:\.git)?/?$")
_HTTP = re.compile(r"^https?://(?:[^@/]*@)?([\w.-]+(?::\d+)?)/(.+?)(?:\.git)?/?$")
_PLACES = {
    "github": ("/commit/{sha}", "/pull/{number}"),
    "gitlab": ("/-/commit/{sha}", "/-/merge_requests/{number}"),
    "bitbucket": ("/commits/{sha}", "/pull-requests/{number}"),
}
"""Paths of (a commit, a pull request) below the repository's address.

The key is a word in the host name.
"""


def web_address(root: Path, sha: str, number: int) -> str:
    """Return the address of pull request `number`, or of the commit if that is 0.

    Returns "" if no remote is of a known kind. The network is not used; user names and passwords in
    a remote's address are dropped.
    """
    try:
        git = open_git(root, deadline_s=INTERACTIVE_DEADLINE_S)
    except HistoryError:
        return ""  # without git there is no commit to show either
    if git is None:
        return ""
    for remote in _REMOTES:
        try:
            address = git.text("config", "--get", f"remote.{remote}.url")
        except HistoryError:
            continue  # the remote does not exist
        if found := address_of(address, sha, number):
            return found
    return ""


def address_of(remote: str, sha: str, number: int) -> str:
    """Return the web address, given the address of the remote repository."""
    found = _HTTP.match(remote) or _SSH.match(remote)
    if found is None:
        return ""
    host, path = found.groups()
    kind = next((word for word in _PLACES if word in host.lower()), "")
    if not kind:
        return ""
    commit, request = _PLACES[kind]
    return f"https://{host}/{path}" + (request.format(number=number) if number else commit.format(sha=sha))
