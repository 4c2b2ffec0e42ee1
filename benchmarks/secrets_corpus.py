"""Generated secrets in the places where people leave them, and texts that only look like secrets.

All values are drawn at random in the form that their issuers publish; none was ever valid. Equal
seeds give equal corpora.
"""

from __future__ import annotations

import base64
import hashlib
import json
import random
import string
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass

ALNUM = string.ascii_letters + string.digits
LOWER = string.ascii_lowercase + string.digits
UPPER = string.ascii_uppercase + string.digits
HEX = "0123456789abcdef"
URLSAFE = ALNUM + "_-"
_BASE64 = ALNUM + "+/"


@dataclass(frozen=True, slots=True)
class Case:
    """A piece of a file.

    None of `secrets` may remain in it. Without any, the text must not change.
    """

    kind: str
    text: str
    secrets: tuple[str, ...] = ()


class Values(random.Random):
    """Draws values of given forms."""

    def of(self, alphabet: str, size: int) -> str:
        """Draw `size` characters, with a digit and a letter if the alphabet has any."""
        while True:
            value = "".join(self.choices(alphabet, k=size))
            digits = set(alphabet) & set(string.digits)
            if not digits or size < 8 or (set(value) & digits and not value.isdigit()) or alphabet == string.digits:
                return value

    def password(self) -> str:
        """Draw a password as people make them."""
        words = (
            "tiger",
            "Winter",
            "rocket",
            "Zebra",
            "coffee",
            "Marble",
            "violin",
            "Harbor",
            "pickle",
            "Thunder",
            "walnut",
            "Copper",
        )
        word, other = self.sample(words, 2)
        return self.choice(
            (
                f"{word}{self.randint(10, 9999)}!",
                f"{word}{other}{self.randint(10, 99)}",
                f"{word.replace('o', '0').replace('e', '3').replace('i', '1')}{self.choice('!@#$%')}{other}",
                self.of(ALNUM, 12),
                self.of(ALNUM + "!@#%^*?", 16),
                f"{word}-{other}-{self.choice(words)}-{self.randint(1, 99)}",
            )
        )

    def jwt(self) -> str:
        """Draw a token whose parts decode."""
        parts = (
            {"alg": "HS256", "typ": "JWT"},
            {"sub": self.of(string.digits, 10), "iat": self.randint(1_500_000_000, 1_700_000_000)},
        )
        encoded = [
            base64.urlsafe_b64encode(json.dumps(part, separators=(",", ":")).encode()).decode().rstrip("=")
            for part in parts
        ]
        return ".".join((*encoded, self.of(URLSAFE, 43)))

    def base64(self, size: int) -> str:
        """Encode `size` random bytes."""
        return base64.b64encode(self.randbytes(size)).decode()

    def key_lines(self, lines: int) -> list[str]:
        """Draw the body of a key block."""
        return [self.of(_BASE64, 64) for _ in range(lines)]


def _token(form: Callable[[Values], str]) -> Callable[[Values], tuple[str, tuple[str, ...]]]:
    """Return a maker of a token that is recognised by its form, in any place."""

    def make(draw: Values) -> tuple[str, tuple[str, ...]]:
        value = form(draw)
        places = (
            'client = connect("{}")\n',
            "    key: {}\n",
            "X={}\n",
            "// for now: {}\nrun();\n",
            '{{"k": "{}", "n": 3}}\n',
            "curl -s https://api.example.com/v1?k={}\n",
            "const t = `{}`;\n",
            "<item>{}</item>\n",
        )
        return draw.choice(places).format(value), (value,)

    return make


def _named(
    names: tuple[str, ...], form: Callable[[Values], str], places: tuple[str, ...]
) -> Callable[[Values], tuple[str, tuple[str, ...]]]:
    """Return a maker of a value that is recognised by the name before it."""

    def make(draw: Values) -> tuple[str, tuple[str, ...]]:
        value = form(draw)
        return draw.choice(places).replace("NAME", draw.choice(names)).replace("VALUE", value), (value,)

    return make


_PASSWORDS = (
    "password",
    "db_password",
    "dbPassword",
    "PASSWORD",
    "smtp_pass",
    "adminPasswd",
    "DB_PASS",
    "passphrase",
    "mysqlPwd",
)
_KEYS = (
    "api_key",
    "apiKey",
    "API_KEY",
    "api-key",
    "secret_key",
    "secretKey",
    "client_secret",
    "clientSecret",
    "access_token",
    "accessToken",
    "auth_token",
)
_ENV = (
    "DB_PASSWORD",
    "AWS_SECRET_ACCESS_KEY",
    "STRIPE_SECRET",
    "JWT_SECRET",
    "SECRET_KEY_BASE",
    "APP_SECRET",
    "SMTP_PASSWORD",
)


def _password(draw: Values) -> str:
    return draw.password().replace("$", "4").replace("#", "7")


def _long(draw: Values) -> str:
    return draw.choice(
        (
            draw.of(ALNUM, 32),
            draw.of(HEX, 40),
            draw.of(_BASE64, 40),
            draw.of(URLSAFE, 43),
            str(uuid.UUID(int=draw.getrandbits(128))),
        )
    )


def _block(begin: str, end: str, *, one_line: bool = False) -> Callable[[Values], tuple[str, tuple[str, ...]]]:
    def make(draw: Values) -> tuple[str, tuple[str, ...]]:
        lines = draw.key_lines(draw.randint(3, 14))
        if one_line:
            return '{"private_key": "' + "\\n".join((begin, *lines, end)) + '\\n", "n": 1}\n', tuple(lines)
        indent = draw.choice(("", "    "))
        return "before\n" + "".join(f"{indent}{line}\n" for line in (begin, *lines, end)) + "after\n", tuple(lines)

    return make


def _pair(text: str, form: Callable[[Values], str]) -> Callable[[Values], tuple[str, tuple[str, ...]]]:
    def make(draw: Values) -> tuple[str, tuple[str, ...]]:
        value = form(draw)
        return text.replace("VALUE", value).replace("HOST", draw.choice(("db", "10.0.0.5", "prod.example.com"))), (
            value,
        )

    return make


def _pieces(*texts: str, form: Callable[[Values], str]) -> Callable[[Values], tuple[str, tuple[str, ...]]]:
    def make(draw: Values) -> tuple[str, tuple[str, ...]]:
        return _pair(draw.choice(texts), form)(draw)

    return make


KINDS: dict[str, Callable[[Values], tuple[str, tuple[str, ...]]]] = {
    "aws-key-id": _token(lambda d: d.choice(("AKIA", "ASIA")) + d.of(string.ascii_uppercase + "234567", 16)),
    "aws-secret": _named(("AWS_SECRET_ACCESS_KEY", "aws_secret_access_key", "awsSecretKey", "secret_access_key"), lambda d: d.of(_BASE64, 40),
                         ("NAME=VALUE\n", "NAME: VALUE\n", 'NAME = "VALUE"\n', "export NAME=VALUE\n", "  NAME: 'VALUE',\n")),
    "gcp-api-key": _token(lambda d: "AIza" + d.of(URLSAFE, 35)),
    "google-oauth-secret": _token(lambda d: "GOCSPX-" + d.of(URLSAFE, 28)),
    "gcp-service-account": _block("-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----", one_line=True),
    "azure-account-key": _pair("DefaultEndpointsProtocol=https;AccountName=app;AccountKey=VALUE;EndpointSuffix=core.windows.net\n", lambda d: d.base64(64)),
    "azure-client-secret": _token(lambda d: d.of(ALNUM, 3) + d.of(string.digits, 1) + "Q~" + d.of(ALNUM + "_-", 34)),
    "azure-sas": _pair("https://app.blob.core.windows.net/c?sv=2022-11-02&se=2024-01-01&sr=c&sig=VALUE\n", lambda d: d.of(ALNUM, 43) + "%3D"),
    "github-pat": _token(lambda d: d.choice(("ghp_", "gho_", "ghs_", "ghu_")) + d.of(ALNUM, 36)),
    "github-fine-grained": _token(lambda d: "github_pat_" + d.of(ALNUM, 22) + "_" + d.of(ALNUM, 59)),
    "gitlab-pat": _token(lambda d: "glpat-" + d.of(URLSAFE, 20)),
    "slack-token": _token(lambda d: f"xox{d.choice('bp')}-{d.of(string.digits, 12)}-{d.of(string.digits, 12)}-{d.of(ALNUM, 24)}"),
    "slack-webhook": _token(lambda d: f"https://hooks.slack.com/services/T{d.of(UPPER, 8)}/B{d.of(UPPER, 8)}/{d.of(ALNUM, 24)}"),
    "stripe": _token(lambda d: d.choice(("sk_live_", "rk_live_", "sk_test_")) + d.of(ALNUM, 24)),
    "stripe-webhook": _token(lambda d: "whsec_" + d.of(ALNUM, 32)),
    "openai": _token(lambda d: d.choice(("sk-", "sk-proj-")) + d.of(ALNUM, 48)),
    "anthropic": _token(lambda d: "sk-ant-api03-" + d.of(URLSAFE, 93) + "AA"),
    "hugging-face": _token(lambda d: "hf_" + d.of(ALNUM, 34)),
    "sendgrid": _token(lambda d: f"SG.{d.of(URLSAFE, 22)}.{d.of(URLSAFE, 43)}"),
    "twilio": _token(lambda d: "SK" + d.of(HEX, 32)),
    "twilio-auth": _named(("TWILIO_AUTH_TOKEN", "twilio_auth_token", "authToken"), lambda d: d.of(HEX, 32), ("NAME=VALUE\n", 'NAME = "VALUE"\n', "NAME: VALUE\n")),
    "npm": _token(lambda d: "npm_" + d.of(ALNUM, 36)),
    "npm-auth": _pair("//registry.example.com/:_authToken=VALUE\n", lambda d: str(uuid.UUID(int=d.getrandbits(128)))),
    "pypi": _token(lambda d: "pypi-AgEIcHlwaS5vcmc" + d.of(URLSAFE, 80)),
    "digitalocean": _token(lambda d: "dop_v1_" + d.of(HEX, 64)),
    "heroku": _named(("HEROKU_API_KEY", "heroku_api_key", "herokuKey"), lambda d: str(uuid.UUID(int=d.getrandbits(128))), ("NAME=VALUE\n", 'NAME = "VALUE"\n', '"NAME": "VALUE",\n')),
    "mailgun": _token(lambda d: "key-" + d.of(HEX, 32)),
    "mailchimp": _token(lambda d: f"{d.of(HEX, 32)}-us{d.randint(1, 20)}"),
    "telegram": _token(lambda d: f"{d.randint(10**8, 10**10 - 1)}:AA{d.of(URLSAFE, 33)}"),
    "discord-bot": _token(lambda d: f"{d.choice('MN')}{d.of(ALNUM, 23)}.{d.of(ALNUM, 6)}.{d.of(URLSAFE, 27)}"),
    "discord-webhook": _token(lambda d: f"https://discord.com/api/webhooks/{d.of(string.digits, 18)}/{d.of(URLSAFE, 68)}"),
    "shopify": _token(lambda d: "shpat_" + d.of(HEX, 32)),
    "square": _token(lambda d: "sq0atp-" + d.of(URLSAFE, 22)),
    "jwt": _token(lambda d: d.jwt()),
    "datadog": _named(("DATADOG_KEY", "datadog", "datadog_app"), lambda d: d.of(LOWER, 40), ('NAME = "VALUE"\n', "NAME=VALUE\n", "NAME: VALUE\n")),
    "algolia": _named(("algolia", "ALGOLIA_ADMIN", "algoliaAdmin"), lambda d: d.of(LOWER, 32), ('NAME = "VALUE"\n', "NAME: 'VALUE',\n")),
    "vault": _token(lambda d: "hvs." + d.of(URLSAFE, 92)),
    "terraform-cloud": _token(lambda d: f"{d.of(ALNUM, 14)}.atlasv1.{d.of(URLSAFE, 64)}"),
    "databricks": _token(lambda d: "dapi" + d.of(HEX, 32)),
    "docker-hub": _token(lambda d: "dckr_pat_" + d.of(URLSAFE, 27)),
    "rsa-key": _block("-----BEGIN RSA PRIVATE KEY-----", "-----END RSA PRIVATE KEY-----"),
    "openssh-key": _block("-----BEGIN OPENSSH PRIVATE KEY-----", "-----END OPENSSH PRIVATE KEY-----"),
    "ec-key": _block("-----BEGIN EC PRIVATE KEY-----", "-----END EC PRIVATE KEY-----"),
    "encrypted-key": _block("-----BEGIN ENCRYPTED PRIVATE KEY-----", "-----END ENCRYPTED PRIVATE KEY-----", one_line=True),
    "pgp-key": _block("-----BEGIN PGP PRIVATE KEY BLOCK-----\n", "-----END PGP PRIVATE KEY BLOCK-----"),
    "putty-key": _pair("PuTTY-User-Key-File-2: ssh-rsa\nEncryption: none\nComment: me\nPrivate-Lines: 1\nVALUE\nPrivate-MAC: 00\n", lambda d: d.of(_BASE64, 64)),
    "database-address": _pieces(*(f'url = "{scheme}://app:VALUE@HOST:5432/prod"\n' for scheme in ("postgres", "mysql", "mongodb+srv", "redis", "amqp")), "  - postgresql://admin:VALUE@HOST/x\n", "DATABASE_URL=postgres://a:VALUE@HOST/x\n", form=lambda d: d.of(ALNUM + "-_.!", 14)),
    "git-address": _pair("[remote]\n\turl = https://sam:VALUE@HOST/r.git\n", lambda d: d.of(ALNUM, 20)),
    "bearer": _pieces("Authorization: Bearer VALUE\n", 'headers = {"Authorization": "Bearer VALUE"}\n', "-H 'authorization: bearer VALUE' \\\n", 'req.Header.Set("Authorization", "Bearer VALUE")\n', form=lambda d: d.of(URLSAFE, 32)),
    "basic": _pieces("Authorization: Basic VALUE\n", '"Authorization": "Basic VALUE",\n', 'request.setHeader("Authorization", "Basic VALUE");\n', form=lambda d: base64.b64encode(f"{d.of(LOWER, 6)}:{d.of(ALNUM, 12)}".encode()).decode()),
    "netrc": _pieces("machine HOST login sam password VALUE\n", "machine HOST\n  login sam\n  password VALUE\n", form=_password),
    "htpasswd": _pieces("sam:$2y$10$VALUE\n", form=lambda d: d.of(ALNUM + "./", 53)),
    "connection-string": _pieces('"Server=HOST;Database=x;User Id=sa;Password=VALUE;"\n', "Data Source=HOST;Initial Catalog=x;Uid=sa;Pwd=VALUE;\n", 'conn = "host=HOST user=app password=VALUE dbname=x"\n', "jdbc:mysql://HOST/x?user=app&password=VALUE\n", form=lambda d: d.password().replace("$", "4").replace("&", "5").replace("#", "7")),
    "kubeconfig": _pieces("users:\n- name: x\n  user:\n    client-key-data: VALUE\n", "users:\n- name: x\n  user:\n    token: VALUE\n", form=lambda d: base64.b64encode(d.of(ALNUM, 120).encode()).decode()),
    "kubernetes-secret": _pair("apiVersion: v1\nkind: Secret\nmetadata:\n  name: x\ndata:\n  login: VALUE\n", lambda d: d.base64(18)),
    "docker-auth": _pair('{"auths": {"HOST": {"auth": "VALUE"}}}\n', lambda d: base64.b64encode(f"sam:{d.of(ALNUM, 16)}".encode()).decode()),
    "curl-user": _pieces("curl -u sam:VALUE https://HOST/x\n", "curl --user 'sam:VALUE' https://HOST/x\n", form=_password),
    "password-quoted": _named(_PASSWORDS, _password, ('NAME = "VALUE"\n', "NAME: 'VALUE',\n", '"NAME": "VALUE",\n', 'String NAME = "VALUE";\n', "const NAME = `VALUE`;\n", 'NAME: str = "VALUE"\n', "'NAME' => 'VALUE',\n", 'config["NAME"] = "VALUE"\n', 'NAME := "VALUE"\n', 'val NAME: String = "VALUE"\n', "<NAME>VALUE</NAME>\n")),
    "password-bare": _named(_PASSWORDS, _password, ("NAME=VALUE\n", "NAME: VALUE\n", "export NAME=VALUE\n", "[db]\nNAME = VALUE\n", "ENV NAME=VALUE\n")),
    "key-quoted": _named(_KEYS, _long, ('NAME = "VALUE"\n', "NAME: 'VALUE',\n", '"NAME": "VALUE",\n', 'let NAME: &str = "VALUE";\n', "const NAME = `VALUE`;\n", 'new Client({ NAME: "VALUE" })\n', 'os.environ["NAME"] = "VALUE"\n', 'getenv("NAME", "VALUE")\n', 'NAME="VALUE"\n')),
    "key-bare": _named(_ENV, _long, ("NAME=VALUE\n", "export NAME=VALUE\n", "NAME: VALUE\n", "  NAME: VALUE\n", "ENV NAME VALUE\n", "NAME = VALUE\n")),
    "yaml-environment": _pieces('- name: DB_PASSWORD\n  value: "VALUE"\n', "env:\n  - name: API_TOKEN\n    value: VALUE\n", form=_long),
    "option": _pieces("run --password=VALUE --verbose\n", "deploy --token VALUE\n", 'docker login -u sam --password "VALUE" HOST\n', form=lambda d: d.of(ALNUM, 18)),
    "xml": _pieces("<password>VALUE</password>\n", '<add key="DbPassword" value="VALUE" />\n', '<server username="sam" password="VALUE"/>\n', '<property name="apiKey" value="VALUE"/>\n', form=_password),
}  # fmt: skip
"""Makers of (text, strings that must not remain in it)."""

_WORD = [
    "account",
    "button",
    "carrier",
    "delivery",
    "element",
    "folder",
    "gateway",
    "handler",
    "invoice",
    "journal",
    "kernel",
    "ledger",
    "message",
    "network",
    "order",
    "parcel",
]


def _camel(draw: Values, count: int) -> str:
    first, *others = draw.choices(_WORD, k=count)
    return first + "".join(word.title() for word in others)


LOOKALIKES: tuple[Callable[[Values], str], ...] = (
    lambda d: f'id = "{uuid.UUID(int=d.getrandbits(128))}"\n',
    lambda d: f"commit {d.of(HEX, 40)}\n",
    lambda d: f"{hashlib.sha256(d.randbytes(4)).hexdigest()}  {_camel(d, 2)}.tar.gz\n",
    lambda d: f'"integrity": "sha512-{d.base64(64)}",\n',
    lambda d: f"    --hash=sha256:{d.of(HEX, 64)} \\\n",
    lambda d: f'checksum = "{d.of(HEX, 64)}"\n',
    lambda d: f'<img src="data:image/png;base64,{d.base64(90)}">\n',
    lambda d: f"assert digest(x) == '{d.of(HEX, d.choice((32, 40, 64)))}'\n",
    lambda d: f"{d.choice(_PASSWORDS)} = getpass()\n",
    lambda d: f'{d.choice(_PASSWORDS)} = os.environ["{d.choice(_ENV)}"]\n',
    lambda d: f'token = request.headers["x-{d.choice(_WORD)}"]\n',
    lambda d: f"{d.choice(_KEYS)}: process.env.{d.choice(_ENV)},\n",
    lambda d: f"{d.choice(_ENV)}=${{{d.choice(_ENV)}}}\n",
    lambda d: f'{d.choice(_ENV)}: "{{{{ .Values.{_camel(d, 2)}.{d.choice(_PASSWORDS)} }}}}"\n',
    lambda d: f"{d.choice(_ENV)}: ${{{{ secrets.{d.choice(_ENV)} }}}}\n",
    lambda d: f'{d.choice(_KEYS)} = "<your-{d.choice(("key", "token", "secret"))}>"\n',
    lambda d: f'{d.choice(_KEYS)} = "{d.choice(("YOUR_API_KEY", "your-api-key-here", "changeme", "xxxxxxxxxxxxxxxx", "REPLACE_ME", "****************"))}"\n',
    lambda d: f'{d.choice(_PASSWORDS)}: {d.choice(("changeme", "password", "secret", "example", "****", "null", "~"))}\n',
    lambda d: f'"{d.choice(_PASSWORDS)}": "must be at least {d.randint(6, 16)} characters",\n',
    lambda d: f"password: must be at least {d.randint(6, 16)} characters\n",
    lambda d: f'"login.{d.choice(_PASSWORDS)}": "Enter your {d.choice(_WORD)} password",\n',
    lambda d: f"{_camel(d, 3)} = {_camel(d, 4)}.{_camel(d, 2)}({_camel(d, 2)})\n",
    lambda d: f"def test_{'_'.join(d.choices(_WORD, k=5))}_{d.randint(1, 99)}(token, secret):\n",
    lambda d: f"const {_camel(d, 2)}Token = await {_camel(d, 2)}.getToken();\n",
    lambda d: f"this.password = {_camel(d, 1)}.password;\n",
    lambda d: f"private final String password{d.randint(1, 9)};\n",
    lambda d: f"if (secret == null || token.length() < {d.randint(10, 90)}) throw new Error();\n",
    lambda d: f'password_field = "{d.choice(_WORD)}_password_{d.randint(1, 9)}"\n',
    lambda d: f'PASSWORD_RESET_URL = "/{d.choice(_WORD)}/reset/{d.randint(1, 99)}"\n',
    lambda d: f'token_type = "bearer"\ntoken_url = "https://{d.choice(_WORD)}.example.com/oauth2/token"\n',
    lambda d: f'SECRET_NAME = "{d.choice(_WORD)}-{d.choice(_WORD)}"\n',
    lambda d: f'secretName: "{d.choice(_WORD)}-tls-{d.randint(1, 9)}"\n',
    lambda d: f"key: {d.choice(_WORD)}.{d.choice(_WORD)}.v{d.randint(1, 9)}\n",
    lambda d: f'cache_key = "{d.choice(_WORD)}:{d.randint(1, 10**6)}"\n',
    lambda d: f"aws_access_key_id = AKIA{d.of(string.ascii_uppercase, 9)}EXAMPLE\n",
    lambda d: f"https://{d.choice(_WORD)}.example.com:{d.randint(1000, 9999)}/@{d.choice(_WORD)}/x{d.randint(1, 9)}\n",
    lambda d: f'url = "postgres://{d.choice(("user:password", "${USER}:${PASSWORD}", "<user>:<password>", "{user}:{password}"))}@localhost/x"\n',
    lambda d: "Authorization: Bearer " + d.choice(("<token>", "${TOKEN}", "$TOKEN", "{token}", "YOUR_TOKEN", "{{ token }}")) + "\n",
    lambda d: f'headers["Authorization"] = "Bearer " + {_camel(d, 2)}\n',
    lambda d: "-----BEGIN CERTIFICATE-----\n" + "\n".join(d.key_lines(3)) + "\n-----END CERTIFICATE-----\n",
    lambda d: "-----BEGIN PUBLIC KEY-----\n" + "\n".join(d.key_lines(2)) + "\n-----END PUBLIC KEY-----\n",
    lambda d: f"ssh-rsa AAAAB3NzaC1yc2E{d.of(_BASE64, 120)} sam@{d.choice(_WORD)}\n",
    lambda d: f'The header "-----BEGIN PRIVATE KEY-----" comes before the {d.choice(_WORD)}, see RFC {d.randint(1000, 9000)}.\n',
    lambda d: f"!function(e,t){{var n=e.{d.of(string.ascii_lowercase, 2)},r=t[{d.randint(1, 900)}];n.secret=r.token}}({_camel(d, 1)});\n",
    lambda d: f"#define {d.choice(_WORD).upper()}_KEY_{d.randint(1, 99)} 0x{d.of(HEX, 8)}\n",
    lambda d: f"tokens = [{', '.join(str(d.randint(1, 50_000)) for _ in range(20))}]\n",
    lambda d: f"max_tokens={d.randint(100, 9000)}\n",
    lambda d: f'next_page_token = "{d.of(URLSAFE, 24)}"\n',
    lambda d: f"lorem ipsum dolor sit amet {d.choice(_WORD)} consectetur {d.randint(1, 10**6)} secret adipiscing token elit\n",
    lambda d: f'<input type="password" name="password{d.randint(1, 9)}" id="{d.choice(_WORD)}-password-{d.randint(1, 9)}">\n',
    lambda d: f"password: Optional[str] = None  # {d.choice(_WORD)} {d.randint(1, 99)}\n",
    lambda d: f"go.uber.org/zap v1.{d.randint(1, 30)}.0 h1:{d.base64(32)}\n",
    lambda d: f'trackingId: "UA-{d.randint(10**6, 10**8)}-{d.randint(1, 9)}", publicKey: "{d.choice(_WORD)}"\n',
    lambda d: f"{'_'.join(d.choices(_WORD, k=4)).upper()}_V{d.randint(1, 9)} = {d.randint(1, 10**9)}\n",
    lambda d: f"com.example.{d.choice(_WORD)}.Abstract{_camel(d, 3).title()}{d.randint(1, 9)}Factory\n",
    lambda d: f'{{"version": 3, "mappings": "{d.of("ACEGIKMO,;", 60)}", "names": []}}\n',
    lambda d: f"const PASSWORD_REGEX = /^(?=.*[A-Z])(?=.*\\d).{{{d.randint(6, 12)},}}$/;\n",
    lambda d: f'raise ValueError("invalid token {d.choice(_WORD)} at {d.randint(1, 999)}")\n',
    lambda d: f"secret: {_camel(d, 2)}.secret{d.randint(1, 9)},\n",
    lambda d: f"auth = HTTPBasicAuth({_camel(d, 1)}, {_camel(d, 2)}Password)\n",
)  # fmt: skip


def planted(count: int = 300, seed: int = 1) -> Iterator[Case]:
    """Yield `count` secrets, of all kinds in turn."""
    draw = Values(seed)
    names = list(KINDS)
    for number in range(count):
        kind = names[number % len(names)]
        text, secrets = KINDS[kind](draw)
        yield Case(kind, text, secrets)


def lookalikes(count: int = 3_000, seed: int = 2) -> Iterator[Case]:
    """Yield `count` texts without a secret, of all kinds in turn."""
    draw = Values(seed)
    for number in range(count):
        kind = number % len(LOOKALIKES)
        yield Case(f"look-alike {kind}", LOOKALIKES[kind](draw))
