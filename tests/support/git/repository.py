"""A repository with a history that is made one commit after the other."""

from __future__ import annotations

import os
import subprocess

from support.files import write_files

SETTINGS = ("-c", "user.name=Ann", "-c", "user.email=ann@example.org", "-c", "init.defaultBranch=main")


def run_git(folder, *arguments):
    """Run git in a folder with an author name, and return its output. Raises on failure."""
    done = subprocess.run(["git", *SETTINGS, *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout


def init_repository(folder, message):
    """Makes a folder a repository and commits all that is in it."""
    run_git(folder, "init", "-q")
    run_git(folder, "add", ".")
    run_git(folder, "commit", "-qm", message)


class Repo:
    """A real repository; each commit is a day after the one before, the first on 2026-01-01."""

    def __init__(self, folder):
        self.folder = folder
        self.day = 0
        folder.mkdir(exist_ok=True)
        self.run("init", "-q", "-b", "main")

    def run(self, *arguments, cwd=None):
        author = {"GIT_AUTHOR_NAME": "Ann", "GIT_AUTHOR_EMAIL": "ann@example.org"}
        committer = {"GIT_COMMITTER_NAME": "Bot", "GIT_COMMITTER_EMAIL": "bot@example.org"}
        settings = ("-c", "protocol.file.allow=always", "-c", "merge.renames=true")
        done = subprocess.run(
            ["git", *settings, *arguments],
            cwd=cwd or self.folder,
            env={**os.environ, **author, **committer, **self._dates(), "GIT_CONFIG_GLOBAL": os.devnull},
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout.strip()

    def commit(self, message, files=None, author="Ann"):
        """Writes files (None as content deletes), commits all, returns the hash."""
        write_files(self.folder, files or {})
        self.run("add", "-A")
        self.day += 1
        self.run("commit", "-q", "--allow-empty", "--author", f"{author} <{author.lower()}@example.org>", "-m", message)
        return self.run("rev-parse", "HEAD")

    def merge(self, branch, message):
        self.day += 1
        self.run("merge", "-q", "--no-ff", branch, "-m", message)
        return self.run("rev-parse", "HEAD")

    def _dates(self):
        when = f"{1767225600 + (self.day - 1) * 86400} +0000"  # 2026-01-01
        return {"GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when}
