"""What pasted issues and short questions find in a whole repository."""

from __future__ import annotations

import asyncio

import pytest

from codekin.config import load_config
from codekin.domain.search import SearchRequest
from codekin.engine import Engine
from codekin.searching import search
from codekin.searching.ranking.weights import LABELS, LONG_ONLY, NAMES
from support.processor import bounded

WORDS = "The discount of the cart is applied twice when the voucher has expired and the total is negative."
FILES = {
    "src/cart.py": "class Cart:\n    def apply_discount(self, voucher):\n"
    "        if voucher.expired:\n            return self.total\n        return self.total - voucher.discount\n",
    "src/stock.py": "def count_items(shelf):\n    return sum(item.amount for item in shelf)\n",
    "src/mail/sender.py": "class MailSender:\n    def deliver(self, message):\n        self.queue.append(message)\n",
    "src/mail/queue.py": "class Queue:\n    def append(self, message):\n        self.messages.append(message)\n",
    "CHANGES": f"1.2\n---\n\n* {WORDS}\n\n1.1\n---\n\n* Mails are sent at night.\n",
    "locale/de/LC_MESSAGES/shop.po": f'msgid "{WORDS}"\nmsgstr "Der Rabatt ist falsch."\n',
    ".github/ISSUE_TEMPLATE/bug.md": f"Describe the bug\n\nExample: {WORDS}\n",
    "tests/test_cart.py": f"def test_discount():\n    '''{WORDS}'''\n    assert Cart().apply_discount(EXPIRED) == 0\n",
    "docs/vouchers.rst": f"Vouchers\n========\n\n{WORDS}\n\nConfiguration\n-------------\n\nSet SHOP_CURRENCY to euro.\n",
    "docs/install.md": "# Installation\n\nRun pip install shop. On Windows, install the redistributable first.\n",
    "README.md": "# Shop\n\nA shop with a cart. Read docs/install.md to install it.\n\n## Contributing\n\nOpen a request.\n",
    "package.json": '{"name": "shop", "engines": {"node": ">= 18.2"}, "scripts": {"lint": "eslint ."}}\n',
    "pyproject.toml": '[project]\nname = "shop"\nrequires-python = ">= 3.9"\ndependencies = ["requests >= 2.31"]\n',
    "Makefile": "release: clean\n\tpython -m build\n\nclean:\n\trm -rf dist\n",
    ".github/workflows/ci.yml": "jobs:\n  unit:\n    runs-on: ubuntu-latest\n    steps:\n      - run: pytest\n",
    "examples/checkout.py": "from shop import Cart\n\nCart().checkout(card='4000')\n",
}
ASKED = {
    "which node version is required": "package.json",
    "which python version is required": "pyproject.toml",
    "version of the requests dependency": "pyproject.toml",
    "eslint script": "package.json",
    "how do I install it on windows": "docs/install.md",
    "installation guide": "docs/install.md",
    "configuration of the currency": "docs/vouchers.rst",
    "contributing": "README.md",
    "what changed in 1.2": "CHANGES",
    "changelog: mails are sent at night": "CHANGES",
    "how to make a release with make": "Makefile",
    "on which system does ci run pytest": ".github/workflows/ci.yml",
}

LONG_LABELS = {label for name, label in zip(NAMES, LABELS, strict=True) if name in LONG_ONLY}


@pytest.fixture(scope="module")
def views(tmp_path_factory):
    root, home = tmp_path_factory.mktemp("shop"), tmp_path_factory.mktemp("home")
    for path, text in FILES.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    loop = asyncio.new_event_loop()
    config = load_config({"home": str(home), "history": False})
    engine = loop.run_until_complete(Engine.open(config, [root], watch=False))
    loop.run_until_complete(engine.index())
    yield engine.views()
    loop.run_until_complete(engine.close())
    loop.close()


def found(views, text, **options):
    return list(dict.fromkeys(result.path for result in search(views, SearchRequest(text, **options))))


def test_code_stands_above_all_that_repeats_the_text(views):
    assert (found(views, f"Discount is wrong\n\n{WORDS}"))[0] == "src/cart.py"


def test_a_frame_of_another_machine_leads_to_its_file(views):
    text = 'It fails\n\nSomething is wrong since the update.\n\n  File "/opt/venv/src/mail/queue.py", line 3, in f'
    assert found(views, text)[0] == "src/mail/queue.py"
    assert found(views, text.replace("src/mail/queue.py", "other.py"))[0] != "src/mail/queue.py"


def test_a_quoted_name_leads_to_its_definition(views):
    assert (found(views, "It hangs at night\n\nAfter an update `count_items` is slow, nothing else."))[0] == (
        "src/stock.py"
    )


def test_only_long_texts_have_their_signals(views):
    results = search(views, SearchRequest("apply the discount of a voucher", explain=True))
    assert not any(set(result.parts) & LONG_LABELS for result in results)
    results = search(views, SearchRequest(f"apply the discount\n\n{WORDS}", explain=True))
    assert {"words of the whole file", "title: words (best part)"} <= set(results[0].parts)
    assert results[0].score == pytest.approx(sum(results[0].parts.values()))


@pytest.mark.parametrize("mode", ["lexical", "semantic"])
def test_long_texts_are_answered_in_every_mode(views, mode):
    assert "src/cart.py" in (found(views, f"Discount is wrong\n\n{WORDS}", mode=mode))[:5]


@pytest.mark.parametrize(("question", "path"), ASKED.items())
def test_questions_about_other_files_than_code_find_them(views, question, path):
    assert path in (found(views, question))[:3]


@pytest.mark.parametrize("text", ["a" * 19_000, "cart." * 3_900, "a::b " * 3_900, "src/cart.py:1 " * 1_400])
def test_any_text_is_answered_in_time(views, text):
    search(views, SearchRequest("warm\nup"))
    with bounded():
        search(views, SearchRequest(f"It fails\n{text}"))
