"""Rules for tokens recognised by form or by a vendor's name: those of gitleaks and our own."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

_compiled = lru_cache(maxsize=None)(re.compile)
"""Compile on first use.

Most files need none of the expressions, and compiling all of them takes longer than reading a
thousand files.
"""


@dataclass(frozen=True, slots=True)
class Rule:
    """A pattern whose matches are secrets.

    A match must have at least `entropy` bits per character and must not match `allowed`. The secret
    is the first group that took part, or the whole match. A `strict` rule skips placeholders.
    """

    name: str
    pattern: str
    entropy: float = 0.0
    allowed: tuple[str, ...] = ()
    strict: bool = True

    @property
    def regex(self) -> re.Pattern[str]:
        """The pattern, compiled on first use."""
        return _compiled(self.pattern)

    def allows(self, value: str) -> bool:
        """Return whether the issuer or a convention says that this value is not secret."""
        return any(_compiled(item).search(value) for item in self.allowed)


@dataclass(frozen=True, slots=True)
class Rules:
    """All rules, by the lower-case words that select them.

    `tokens` are by a keyword in the token, `vendors` by a word in the name before it. `ordinary`
    are words that occur in names but not in passwords.
    """

    tokens: Mapping[str, Sequence[Rule]]
    keyword: re.Pattern[str]
    vendors: Mapping[str, Sequence[Rule]]
    allowed: re.Pattern[str]
    ordinary: frozenset[str]


# Keywords and an expression. They need no entropy, because only the issuer uses such a prefix.
_TOKENS = (
    ("aws-access-key", "akia asia", r"(?<![A-Za-z0-9])A[KS]IA[0-9A-Z]{16}(?![A-Za-z0-9])"),
    ("github", "ghp_ gho_ ghu_ ghs_ ghr_", r"gh[pousr]_[A-Za-z0-9]{36,}"),
    ("github-fine-grained", "github_pat_", r"github_pat_[A-Za-z0-9_]{40,}"),
    ("gitlab", "glpat- gldt- glrt- glptt- glsoat- glcbt-", r"gl(?:pat|dt|rt|ptt|soat|cbt)-[A-Za-z0-9_-]{20,}"),
    ("slack", "xox", r"xox[abeprs]-[A-Za-z0-9-]{10,}"),
    ("stripe", "sk_live rk_live sk_test rk_test", r"[sr]k_(?:live|test)_[A-Za-z0-9]{16,}"),
    ("stripe-webhook", "whsec_", r"whsec_[A-Za-z0-9+/=]{24,}"),
    ("google-api-key", "aiza", r"AIza[0-9A-Za-z_-]{35}"),
    ("google-oauth", "ya29. gocspx- 1//0", r"ya29\.[\w-]{20,}|GOCSPX-[\w-]{20,}|(?<!\w)1//0[\w-]{30,}"),
    ("firebase-messaging", ":apa91", r"(?<!\w)[\w-]{11}:APA91[\w-]{100,}"),
    ("npm", "npm_", r"npm_[A-Za-z0-9]{36}"),
    ("pypi", "pypi-", r"pypi-[A-Za-z0-9_-]{50,}"),
    (
        "openai",
        "sk-",
        r"(?<![\w-])sk-(?=[\w-]*\d)(?:proj-|svcacct-|admin-|ant-[a-z0-9]{3,12}-|or-v1-|lf-)?[A-Za-z0-9_-]{20,}",
    ),
    ("hugging-face", "hf_", r"(?<!\w)hf_[A-Za-z0-9]{30,}"),
    ("replicate", "r8_", r"(?<!\w)r8_[A-Za-z0-9]{37}"),
    ("groq", "gsk_", r"(?<!\w)gsk_[A-Za-z0-9]{40,}"),
    ("xai", "xai-", r"(?<!\w)xai-[A-Za-z0-9]{60,}"),
    ("pinecone", "pcsk_", r"(?<!\w)pcsk_\w{40,}"),
    ("langsmith", "lsv2_", r"lsv2_(?:pt|sk)_[a-f0-9]{32}_[a-f0-9]{10}"),
    ("anthropic", "sk-ant-", r"sk-ant-[A-Za-z0-9_-]{20,}"),
    ("docker-hub", "dckr_pat_ dckr_oat_", r"dckr_[po]at_[A-Za-z0-9_-]{20,}"),
    ("hashicorp-vault", "hvs. hvb. hvr.", r"(?<!\w)hv[sbr]\.[\w-]{20,}"),
    ("terraform-cloud", ".atlasv1.", r"[A-Za-z0-9]{14}\.atlasv1\.[\w-]{40,}"),
    ("telegram-bot", ":aa", r"(?<![\w-])\d{8,10}:AA[\w-]{32,33}(?![\w-])"),
    ("mailgun", "key-", r"(?<![\w-])key-[0-9a-f]{32}(?![\w-])"),
    ("mailchimp", "-us", r"(?<![\w-])[0-9a-f]{32}-us\d{1,2}(?!\w)"),
    ("sendgrid", "sg.", r"(?<!\w)SG\.[\w-]{16,32}\.[\w-]{30,64}"),
    ("twilio", "sk", r"(?<!\w)SK[0-9a-f]{32}(?!\w)"),
    ("square", "sq0atp- sq0csp-", r"sq0(?:atp|csp)-[\w-]{22,60}"),
    ("paypal", "access_token$", r"access_token\$(?:production|sandbox)\$[a-z0-9]{16}\$[a-f0-9]{32}"),
    ("shopify", "shpat_ shpca_ shppa_ shpss_", r"shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}"),
    ("new-relic", "nrak-", r"NRAK-[A-Z0-9]{27}"),
    ("atlassian", "atatt3 atbb", r"(?<!\w)(?:ATATT3[\w=-]{40,}|ATBB[A-Za-z0-9]{32})"),
    ("airtable", "pat", r"(?<!\w)pat[A-Za-z0-9]{14}\.[a-f0-9]{64}"),
    ("dropbox", "sl.", r"(?<!\w)sl\.[\w-]{60,}"),
    ("figma", "figd_", r"figd_[\w-]{40,}"),
    ("notion", "secret_ ntn_", r"(?<!\w)(?:secret_[A-Za-z0-9]{43}|ntn_[A-Za-z0-9]{40,50})(?!\w)"),
    ("linear", "lin_api_ lin_oauth_", r"lin_(?:api|oauth)_[A-Za-z0-9]{40,64}"),
    ("supabase", "sbp_ sb_secret_", r"(?<!\w)(?:sbp_[a-f0-9]{40}|sb_secret_[\w-]{30,})"),
    ("netlify", "nfp_", r"(?<!\w)nfp_[A-Za-z0-9]{36,}"),
    ("contentful", "cfpat-", r"CFPAT-[\w-]{43}"),
    ("doppler", "dp.", r"(?<!\w)dp\.(?:pt|st|ct|sa|scim|audit)\.(?:[\w-]{2,35}\.)?[A-Za-z0-9]{40,44}"),
    ("nuget", "oy2", r"(?<!\w)oy2[a-z0-9]{43}(?!\w)"),
    ("crates-io", "cio", r"(?<!\w)cio[A-Za-z0-9]{32}(?!\w)"),
    ("sonar", "squ_ sqp_ sqa_", r"(?<!\w)sq[upa]_[a-f0-9]{40}"),
    ("sourcegraph", "sgp_", r"(?<!\w)sgp_(?:(?:[a-f0-9]{16}|local)_)?[a-f0-9]{40}"),
    ("heroku", "hrku-", r"HRKU-[\w-]{36,}"),
    ("tencent", "akid", r"(?<!\w)AKID[A-Za-z0-9]{32}(?!\w)"),
    ("twitter-bearer", "aaaaaaaaaaaaaaaaaaaa", r"(?<!\w)A{20,}[A-Za-z0-9%]{60,}"),
    ("azure-signature", "sig=", r"[?&;]sig=([A-Za-z0-9%/+=]{40,})"),
    ("mapbox", "sk.ey", r"(?<!\w)sk\.eyJ[\w-]{20,}\.[\w-]{20,}"),
    ("pbkdf2", "pbkdf2_sha", r"pbkdf2_sha\d+\$\d+\$[\w+/=]+\$[\w+/=]{40,}"),
)

DISCORD_BOT = Rule(
    "discord-bot", r"(?<![\w.-])[MNO](?=[\w-]*\d)[A-Za-z0-9_-]{23,27}\.[\w-]{6,7}\.[\w-]{27,40}(?![\w.-])"
)
"""Has no keyword: an id in base64, a time and a signature."""


@cache
def rules() -> Rules:
    """Return all rules, read once in 5 ms."""
    data: dict[str, Any] = json.loads(files(__package__).joinpath("gitleaks.json").read_text("utf-8"))
    tokens: dict[str, list[Rule]] = {}
    for name, keywords, pattern in _TOKENS:
        for keyword in keywords.split():
            tokens.setdefault(keyword, []).append(Rule(name, pattern, allowed=(r"AKIA\w*EXAMPLE$",), strict=False))
    vendors: dict[str, list[Rule]] = {}
    for found, group, by in ((tokens, "tokens", "keywords"), (vendors, "vendors", "words")):
        for item in data[group]:
            rule = Rule(item["id"], item["pattern"], item["entropy"], tuple(item.get("allowed", ())))
            for keyword in item[by]:
                found.setdefault(keyword, []).append(rule)
    # A long keyword hides shorter ones within it from the expression that finds all keywords.
    tokens = {
        keyword: [rule for other, listed in tokens.items() if other in keyword for rule in listed] for keyword in tokens
    }
    return Rules(
        tokens=tokens,
        keyword=_any_of(tokens),
        vendors=vendors,
        allowed=re.compile("|".join(f"(?:{item})" for item in data["allowed"])),
        ordinary=frozenset(data["ordinary"]),
    )


def _any_of(keywords: Iterable[str]) -> re.Pattern[str]:
    """Return an expression that finds the longest keyword at each position.

    It is a lookahead, so that the end of one keyword may be the beginning of another. Keywords are
    grouped by their first character, which excludes most of them at once.
    """
    rests: dict[str, list[str]] = {}
    for keyword in sorted(keywords, key=len, reverse=True):
        rests.setdefault(keyword[0], []).append(re.escape(keyword[1:]))
    groups = (f"{re.escape(first)}(?:{'|'.join(listed)})" for first, listed in rests.items())
    return re.compile(f"(?=({'|'.join(groups)}))")
