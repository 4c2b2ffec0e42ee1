"""A keyring in a file, for tests: `PYTHON_KEYRING_BACKEND` names it."""

from __future__ import annotations

import os
from pathlib import Path

from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked


class FileKeyring(KeyringBackend):
    priority = 1

    def get_password(self, service, username):
        held = Path(os.environ["KEYRING_OF_TESTS"]).read_text().splitlines()
        if held == ["locked"]:
            raise KeyringLocked("the keyring is locked")
        return next((line.split(" ", 2)[2] for line in held if line.startswith(f"{service} {username} ")), None)

    def set_password(self, service, username, password):
        raise NotImplementedError
