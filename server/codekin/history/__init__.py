"""The git history of a workspace: commits, pull requests, last changes of files.

This package does not depend on the index.
"""

from codekin.history.authors import last_changes
from codekin.history.blame import blame, blame_file
from codekin.history.log import list_commits, read_commits
from codekin.history.repository import Heads, Repository, open_repository
from codekin.history.show import commit_text
from codekin.history.symbols import changed_symbols
from codekin.history.tree import TreeFile, file_at, list_tree, read_blobs, resolve_revision
from codekin.history.watch import head_stamp
from codekin.history.web import web_address
from codekin.history.worktree import WorktreeState, worktree_state

__all__ = [
    "Heads",
    "Repository",
    "TreeFile",
    "WorktreeState",
    "blame",
    "blame_file",
    "changed_symbols",
    "commit_text",
    "file_at",
    "head_stamp",
    "last_changes",
    "list_commits",
    "list_tree",
    "open_repository",
    "read_blobs",
    "read_commits",
    "resolve_revision",
    "web_address",
    "worktree_state",
]
