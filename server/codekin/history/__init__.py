"""What git remembers of a workspace: commits, pull requests, who changed a file last. Knows nothing of indexes."""

from codekin.history.authors import last_changes
from codekin.history.log import list_commits, read_commits
from codekin.history.repository import Heads, Repository, open_repository
from codekin.history.show import commit_text
from codekin.history.symbols import changed_symbols
from codekin.history.watch import head_stamp
from codekin.history.web import web_address

__all__ = [
    "Heads",
    "Repository",
    "changed_symbols",
    "commit_text",
    "head_stamp",
    "last_changes",
    "list_commits",
    "open_repository",
    "read_commits",
    "web_address",
]
