"""Pull requests, as named in the messages of merge and squash commits."""

from __future__ import annotations

import re

_MERGED = (
    re.compile(r"^Merge pull request #(\d+) from \S+"),  # GitHub
    re.compile(r"^Merged in .+ \(pull request #(\d+)\)"),  # Bitbucket
    re.compile(r"^Merged PR (\d+): "),  # Azure DevOps
)
_SQUASHED = re.compile(r"\(#(\d+)\)\s*$")
_GITLAB = re.compile(r"^See merge request \S*!(\d+)\s*$", re.MULTILINE)


def pull_request(subject: str, body: str, *, is_merge: bool) -> tuple[int, str, str]:
    """Return (number, title, body) of the pull request that a commit merged.

    Returns (0, subject, body) if the message names none. For a merge, the first line of the body is
    the title.
    """
    for pattern in _MERGED:
        if found := pattern.match(subject):
            rest = subject[found.end() :].strip()
            return (int(found.group(1)), rest, body) if rest else (int(found.group(1)), *_first_line(subject, body))
    if is_merge and (found := _GITLAB.search(body)):
        return int(found.group(1)), *_first_line(subject, _GITLAB.sub("", body))
    if found := _SQUASHED.search(subject):
        return int(found.group(1)), subject[: found.start()].strip() or subject, body
    return 0, subject, body


def _first_line(subject: str, body: str) -> tuple[str, str]:
    first, _, rest = body.strip().partition("\n")
    return (first.strip(), rest.strip()) if first.strip() else (subject, "")
