"""Running git safely: read-only, without programs that a repository names, and with limits.

This package does not depend on the index.
"""

from codekin.disk import mode_of, read_bounded
from codekin.git.checking import check_files
from codekin.git.found import GitDirectory, find_git_directory
from codekin.git.running import Stop, run_git, stream_git

__all__ = [
    "GitDirectory",
    "Stop",
    "check_files",
    "find_git_directory",
    "mode_of",
    "read_bounded",
    "run_git",
    "stream_git",
]
