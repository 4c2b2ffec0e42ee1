"""`python -m codekin` and the command `codekin`."""

from __future__ import annotations

from codekin.cli import main

if __name__ == "__main__":
    main()
