"""What is left out unless told otherwise, and what is left out always."""

from __future__ import annotations

DEFAULT_EXCLUDES = (
    # version control, editors, codekin itself
    ".git", ".hg/", ".svn/", ".jj/", ".codekin/", ".idea/", ".vs/",
    # installed packages
    "node_modules/", "bower_components/", ".venv/", "venv/", "site-packages/", ".eggs/", "*.egg-info/", "Pods/", ".bundle/",
    # what tools write
    "__pycache__/", ".mypy_cache/", ".ruff_cache/", ".pytest_cache/", ".hypothesis/", ".tox/", ".nox/", ".cache/",
    ".gradle/", ".terraform/", ".next/", ".nuxt/", ".svelte-kit/", ".parcel-cache/", ".turbo/", ".dart_tool/",
    "zig-cache/", ".zig-cache/", "zig-out/", ".stack-work/", "dist-newstyle/", "_build/", ".elixir_ls/",
    "/dist/", "/build/", "/target/", "/out/", "/coverage/", "htmlcov/", "**/target/debug/", "**/target/release/",
    # machine-written text
    "*.min.js", "*.min.css", "*.map", "*.lock", "package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml", "go.sum",
    "*.snap", "*.svg", "*.ipynb_checkpoints/", "*.log",
)  # fmt: skip
"""In .gitignore syntax; any ignore file or the setting `include` can take one back."""

SECRETS = (
    ".env", ".env.*", "*.env", "!.env.example", "!.env.sample", "!.env.template", "!.env.dist", "!*.example.env",
    "*.pem", "*.key", "*.p12", "*.pfx", "*.jks", "*.keystore", "*.kdbx", "*.asc", "*.gpg", "*.ppk", "*.crt", "*.cer", "*.der",
    "id_rsa*", "id_dsa*", "id_ecdsa*", "id_ed25519*", ".netrc", "_netrc", ".pgpass", ".npmrc", ".pypirc", ".htpasswd",
    "credentials", "credentials.json", "credentials.y*ml", ".git-credentials", ".dockercfg", "*.tfvars", "secrets.toml", "service-account*.json", "secrets.json", "secrets.y*ml", "*.tfstate", "*.tfstate.*",
)  # fmt: skip
"""Names of files that hold keys or passwords; nothing takes one of these back."""
