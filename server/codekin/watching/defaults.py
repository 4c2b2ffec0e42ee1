"""What is left out unless told otherwise, and what is left out always."""

from __future__ import annotations

NEVER = frozenset((".git", ".hg", ".svn", ".jj", ".codekin"))
"""Names, in lower case, of what version control and codekin itself keep. Nothing takes one of these back: they hold addresses
with passwords, and copies of everything."""

DEFAULT_EXCLUDES = (
    # editors
    ".idea/", ".vs/",
    # installed packages
    "node_modules/", "bower_components/", ".venv/", "venv/", "site-packages/", ".eggs/", "*.egg-info/", "Pods/", ".bundle/",
    # what tools write
    "__pycache__/", ".mypy_cache/", ".ruff_cache/", ".pytest_cache/", ".hypothesis/", ".tox/", ".nox/", ".cache/",
    ".gradle/", ".terraform/", ".next/", ".nuxt/", ".svelte-kit/", ".parcel-cache/", ".turbo/", ".dart_tool/",
    "zig-cache/", ".zig-cache/", "zig-out/", ".stack-work/", "dist-newstyle/", "_build/", ".elixir_ls/",
    "dist/", "/build/", "/target/", "/out/", "/coverage/", "htmlcov/", "**/target/debug/", "**/target/release/",
    ".ipynb_checkpoints/", ".yarn/",
    # machine-written text
    "*.min.js", "*.min.mjs", "*.min.cjs", "*.min.css", "*.js.map", "*.mjs.map", "*.cjs.map", "*.ts.map", "*.css.map",
    "*.lock", "*.lockfile", "*.lock.hcl", "package-lock.json", "packages.lock.json", "npm-shrinkwrap.json",
    "pnpm-lock.yaml", "conda-lock.yml", "Package.resolved", "go.sum", "go.work.sum", ".pnp.cjs",
    "npm-debug.log*", "yarn-debug.log*", "yarn-error.log*", "pnpm-debug.log*",
    "*.snap", "*.svg",
)  # fmt: skip
"""In .gitignore syntax. A *.log or *.map that no ignore file names may be a fixture or a linker's script, so it stays in;
binary, minified and large files are known by their content. Any ignore file or the setting `include` can take one back."""

SECRETS = (
    ".env", ".env.*", "*.env", "!.env.example", "!.env.sample", "!.env.template", "!.env.dist", "!*.example.env",
    "*.pem", "*.key", "*.p12", "*.pfx", "*.jks", "*.keystore", "*.kdbx", "*.asc", "*.gpg", "*.ppk", "*.crt", "*.cer", "*.der",
    "id_rsa*", "id_dsa*", "id_ecdsa*", "id_ed25519*", ".netrc", "_netrc", ".pgpass", ".npmrc", ".pypirc", ".htpasswd",
    "credentials", "credentials.json", "credentials.y*ml", ".git-credentials", ".dockercfg", "*.tfvars", "secrets.toml", "service-account*.json", "secrets.json", "secrets.y*ml",
    "**/.aws/config", "**/.docker/config.json", "**/.kube/config", "*.tfstate", "*.tfstate.*",
)  # fmt: skip
"""Names of files that hold keys or passwords; nothing takes one of these back."""
