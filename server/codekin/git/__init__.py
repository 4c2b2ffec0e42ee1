"""The one way to run git: reading only, nothing that a repository names is started, every call ends. Knows no index."""

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
