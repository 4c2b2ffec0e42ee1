"""The errors that codekin raises on purpose.

A problem with a user's file is not an error: it is recorded as data with a reason.
"""


class CodekinError(Exception):
    """Any error that is shown to the user; its text says what happened and what to do."""


class SettingsError(CodekinError):
    """A setting, environment variable or parameter has a value that cannot be used."""


class EmbedderError(CodekinError):
    """A model cannot be found, loaded or run."""


class IndexUnavailableError(CodekinError):
    """The index cannot be opened or written.

    The disk is full, permission is missing, or a store does not respond.
    """


class IndexDamagedError(IndexUnavailableError):
    """The files of a store are corrupt, or were replaced while open.

    Opening the index again repairs it.
    """


class IndexClosedError(IndexUnavailableError):
    """The index was closed before the work was done."""

    def __init__(self, text: str = "The index is closed.") -> None:
        super().__init__(text)


class IndexRemovedError(IndexDamagedError):
    """The folder of the index was removed or replaced while open.

    Opening the index again creates one.
    """


class IndexNewerError(IndexUnavailableError):
    """A newer version of codekin wrote the index in a format that this version cannot read.

    The index is left unchanged.
    """


class IndexReadOnlyError(IndexUnavailableError):
    """The index can be read but not written: disk full or read-only, or no write permission."""


class StoreAwayError(IndexUnavailableError):
    """A store failed for a reason that may pass: a stopped server, an unreachable network."""


class StoreReadOnlyError(IndexUnavailableError):
    """A server lets this user read its vectors, but not change them."""


class StoreRefusedError(IndexUnavailableError):
    """The file system does not support the files of a store; another store may work."""


class StoreMissingError(IndexUnavailableError):
    """The Python package of a store is missing, or cannot run on this machine."""


class CancelledError(CodekinError):
    """The caller cancelled the work."""


class HistoryError(CodekinError):
    """The history of a repository cannot be read.

    Git is missing, refuses the repository or does not finish.
    """


class GitError(CodekinError):
    """Git cannot be run, fails, takes too long, or returns more output than is read."""
