"""Which files are left out because their names say that they hold keys or passwords, and which are not."""

from __future__ import annotations

import pytest

from codekin.watching import Rules

SECRET = """
.env .env.local .env.production .env-staging .env_prod prod.env deploy/staging.env .envrc a/.envrc .dev.vars .secrets .secrets.toml
local.settings.json
server.pem tls.key apple/AuthKey_1.p8 a.p12 a.pfx a.jks app/release.keystore vault.kdbx office.ovpn wg0.conf putty.ppk a.pkcs12
android/key.properties android/keystore.properties secring.gpg login.keychain-db
id_rsa id_ed25519 id_ed25519.pub keys/id_ecdsa id_ecdsa_sk deploy_rsa ci/deploy_ed25519 ssh_host_rsa_key home/.ssh/config .ssh/id_work
.gnupg/private-keys-v1.d/A.key
.netrc _netrc .git-credentials home/.config/gh/hosts.yml .npmrc .pypirc pip.conf pip.ini .pip/pip.conf home/.gem/credentials .sentryclirc
.m2/settings.xml home/.m2/settings.xml settings.xml .mvn/settings.xml ci/settings.xml .github/maven/settings.xml settings-security.xml
auth.json home/.composer/auth.json
.dockercfg .docker/config.json home/.docker/config.json .dockerconfigjson kubeconfig kubeconfig.yaml prod.kubeconfig .kube/config
.pgpass pgpass.conf .my.cnf .mylogin.cnf .s3cfg .boto rclone.conf .databrickscfg kaggle.json .vault-token .vault_pass.txt
.htpasswd htpasswd site.htpasswd .htdigest image/etc/shadow .smbcredentials .msmtprc sftp-config.json .vscode/sftp.json
.bash_history .psql_history .python_history
credentials .aws/credentials .aws/config credentials.json credentials.yml credentials.toml credentials.xml credentials.csv rootkey.csv
application_default_credentials.json service-account.json service-account-prod.json service_account.json my-service-account.json
x-firebase-adminsdk-abc.json client_secret_123.apps.json .azure/accessTokens.json site.PublishSettings
terraform.tfstate terraform.tfstate.backup prod.tfvars prod.auto.tfvars.json .terraformrc credentials.tfrc.json
secrets.yaml secrets.yml secrets.json secrets.toml app/res/values/secrets.xml
.ENVRC Pip.Conf ID_RSA Credentials.JSON
""".split()

ORDINARY = """
credentials.py app/credentials.py credentials/models.py Credentials.java credentials.go credentials.md docs/credentials.rst
secrets.py secret.go SecretsManager.kt secrets/vault.py templates/secret.yaml passwords.ts password.rb
app/src/main/res/xml/settings.xml res/values/settings.xml src/settings.xml app/config/settings.xml settings.py settings.json
netrc.py src/netrc.rs pip.py kubeconfig.go pkg/kubeconfig/loader.go auth.py locales/en/auth.json src/auth.json
.env.example .env-example .env.sample .env.template app.example.env .dev.vars.example environment.ts env.d.ts env.py
keystore.go key.py keys.ts rsa.go test_rsa.py id_generator.py id_token.ts idtoken.js history.py bash_history.md
docker/config.json kube/config.go aws/config.py .ssh.md ssh/config.go shadow.css etc/passwd.py htpasswd.py
gradle.properties appsettings.json .yarnrc.yml nuget.config web.config wp-config.php terraform.tf variables.tf tokens.json token.go
service_account.py service-account.md client_secret.py hosts.yml wireguard.conf pgpass.py
""".split()


@pytest.mark.parametrize("path", SECRET)
def test_files_that_hold_accounts_are_left_out_with_the_reason(tmp_path, path):
    folder = tmp_path / "work"
    for rules in (Rules(folder), Rules(folder, include=("**",))):
        reason = rules.verdict(path, is_dir=False)
        assert reason
        assert reason.startswith("may hold secrets (")
        assert reason[18:-1]


@pytest.mark.parametrize("path", ORDINARY)
def test_sources_and_settings_with_such_words_in_their_names_stay_in(tmp_path, path):
    assert Rules(tmp_path / "work").verdict(path, is_dir=False) is None


@pytest.mark.parametrize(
    ("root", "path"), [(".m2", "settings.xml"), (".ssh", "config"), (".azure", "x.json"), (".kube", "config")]
)
def test_a_root_that_is_a_folder_of_accounts_hides_them_as_well(tmp_path, root, path):
    assert Rules(tmp_path / root).verdict(path, is_dir=False)
