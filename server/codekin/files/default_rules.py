"""The files that are excluded by default, and those that are never indexed."""

from __future__ import annotations

NEVER = frozenset((".git", ".hg", ".svn", ".jj", ".codekin"))
"""Lower-case names of the folders of version control and codekin, which no rule can include.

They contain addresses with passwords, and copies of everything.
"""

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
"""Default excludes in .gitignore syntax, which any ignore file or the setting `include` overrides.

A *.log or *.map that no ignore file matches may be a fixture or a linker's script, so it is
indexed. Binary, minified and large files are recognised by their content.
"""

SECRETS = (
    # environments
    ".env", ".env.*", ".env-*", ".env_*", "*.env", ".envrc", ".envrc.local", ".dev.vars", ".dev.vars.*", ".secrets", ".secrets.*",
    "!.env[.-]example", "!.env[.-]sample", "!.env[.-]template", "!.env[.-]dist", "!*.example.env", "!.dev.vars.example",
    "local.settings.json",
    # keys, certificates, stores of passwords
    "*.pem", "*.key", "*.p8", "*.p12", "*.pfx", "*.pkcs12", "*.pvk", "*.jks", "*.jceks", "*.bks", "*.keystore", "*.asc", "*.gpg", "*.pgp",
    "*.ppk", "*.crt", "*.cer", "*.der", "*.kdb", "*.kdbx", "*.psafe3", "*.keychain", "*.keychain-db", "*.ovpn", "wg[0-9]*.conf",
    "keystore.properties", "key.properties", "secring.*", "otr.private_key",
    "id_rsa*", "id_dsa*", "id_ecdsa*", "id_ed25519*", "*_rsa", "*_dsa", "*_ecdsa", "*_ed25519", "ssh_host_*_key",
    "**/.ssh/*", "**/.gnupg/**",
    # accounts of tools
    ".netrc", "_netrc", ".git-credentials", "**/.config/gh/hosts.yml", "**/.config/hub", ".hgrc",
    ".npmrc", ".pypirc", "pip.conf", "pip.ini", "**/.gem/credentials", ".sentryclirc",
    "**/.m2/settings.xml", "**/.mvn/settings.xml", "**/maven/settings.xml", "**/ci/settings.xml", "**/.github/**/settings.xml",
    "/*/settings.xml", "settings-security.xml", "/*/auth.json", "**/.composer/auth.json", "**/containers/auth.json",
    ".dockercfg", ".dockerconfigjson", "**/.docker/config.json", "kubeconfig", "kubeconfig.y*ml", "kubeconfig.json", "*.kubeconfig", "**/.kube/config", "**/kubernetes/admin.conf",
    ".pgpass", "pgpass.conf", ".my.cnf", ".mylogin.cnf", ".s3cfg", ".boto", ".passwd-s3fs", "rclone.conf", ".rclone.conf",
    ".databrickscfg", "**/.snowsql/config", "kaggle.json", ".vault-token", ".vault_pass*", "vault_pass.txt", "vault-password*",
    ".htpasswd", "htpasswd", "*.htpasswd", ".htdigest", "**/etc/shadow", "**/etc/gshadow", "sasl_passwd", ".smbcredentials",
    ".msmtprc", ".fetchmailrc", ".offlineimaprc", ".ftpconfig", "sftp-config.json", "**/.vscode/sftp.json", "sitemanager.xml",
    "recentservers.xml", "winscp.ini", "ws_ftp.ini", ".*_history",
    # accounts in clouds
    "credentials", ".credentials", "credentials.json", "credentials.y*ml", "credentials.toml", "credentials.xml", "credentials.csv",
    "credentials.ini", "credentials.txt", "credentials.properties", "credentials.tfrc.json", "*accesskeys.csv", "rootkey.csv", "**/.aws/config",
    "application_default_credentials.json", "service-account*.json", "service_account*.json", "*-service-account.json", "*firebase-adminsdk*.json",
    "client_secret*.json", "**/.azure/*.json", "azureprofile.json", "accesstokens.json", "*.publishsettings",
    "*.tfvars", "*.tfvars.json", "*.tfstate", "*.tfstate.*", ".terraformrc", "terraform.rc",
    "secrets.toml", "secrets.json", "secrets.y*ml", "secrets.ini", "secrets.properties", "secrets.xml", "secrets.env",
)  # fmt: skip
"""Names of files with keys or passwords, in .gitignore syntax and lower case.

No rule can include them. They are matched against the path with the root folder's name in front:
`/*/x` is a file directly in the root.

A file is listed here if it is a tool's store of accounts and has little other content: .npmrc and
pip.conf because passwords in them have no recognisable form, *.tfvars and secrets.yaml because
convention keeps them apart from the code. Sources and settings in which a password is the exception
(credentials.py, settings.xml of an app, gradle.properties, appsettings.json, .yarnrc.yml) are
indexed with their secrets blanked out.
"""
