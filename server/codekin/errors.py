"""The errors that codekin raises on purpose. What is wrong with a user's file is data with a reason, not an error."""


class CodekinError(Exception):
    """Anything that an edge turns into a message for the user; the text says what happened and what to do."""


class SettingsError(CodekinError):
    """A setting, environment variable or parameter cannot be used as given."""


class EmbedderError(CodekinError):
    """A model cannot be found, loaded or run."""


class IndexUnavailableError(CodekinError):
    """The index cannot be opened or written: no room, no permission, a store that does not answer."""


class IndexDamagedError(IndexUnavailableError):
    """A store's files are not what was written, or not the ones that were opened. Opening the index again mends it."""


class IndexClosedError(IndexUnavailableError):
    """The index was closed before the work was done."""

    def __init__(self, text: str = "The index is closed.") -> None:
        super().__init__(text)


class IndexRemovedError(IndexDamagedError):
    """The directory of the index was removed or replaced while it was open. Opening the index again begins a new one."""


class IndexNewerError(IndexUnavailableError):
    """The index was written by a newer version of codekin, in a format that this one cannot read. It is left as it is."""


class IndexReadOnlyError(IndexUnavailableError):
    """The index can be read and not be written: the disk is full or read-only, or this user may not write there."""


class StoreAwayError(IndexUnavailableError):
    """A store does not do what it is asked, for a reason that may pass: a server that is stopped, a network that is gone."""


class StoreReadOnlyError(IndexUnavailableError):
    """A server lets its vectors be read by this user, and not be changed."""


class StoreRefusedError(IndexUnavailableError):
    """The file system does not let a store have its files; another store may do."""


class CancelledError(CodekinError):
    """The caller no longer wants the answer; the work stopped."""


class HistoryError(CodekinError):
    """The history of a repository cannot be read: no git, a repository that git refuses, a git that does not end."""


class GitError(CodekinError):
    """Git cannot be run, fails, takes too long, or gives more than is read."""
