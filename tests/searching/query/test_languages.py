"""Questions in the language of the comments: scripts without spaces, accents, versions."""

from __future__ import annotations

import pytest

from codekin.domain.words import tokens, words
from support.engines import open_indexed, search_paths

FILES = {
    "fee.py": "# 计算运费的函数。根据重量计算运费\ndef fee(w):\n    return w\n",
    "tax.py": "# 税金を計算する関数\ndef tax(price):\n    return price * 0.1\n",
    "sign.py": "# 서명을 확인하는 함수\ndef check(text):\n    return text\n",
    "late.py": "# Délai avant la prochaine requête, en secondes\ndef late(count):\n    return count\n",
    "size.py": "# Größe der Warteschlange\ndef size(queue):\n    return len(queue)\n",
    "sum.py": "# Сумма всех платежей за день\ndef total(rows):\n    return sum(rows)\n",
    "other.py": "def unrelated(values):\n    return sorted(values)\n",
}
QUESTIONS = {
    "计算运费": "fee.py",
    "如何根据重量计算": "fee.py",
    "税金の計算": "tax.py",
    "서명 확인": "sign.py",
    "delai avant requete": "late.py",
    "délai": "late.py",
    "GRÖSSE der Warteschlange": "size.py",
    "grosse": "size.py",
    "сумма платежей": "sum.py",
}


@pytest.fixture
async def engine(tmp_path):
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    async with open_indexed(tmp_path, embedder="static") as engine:
        yield engine


@pytest.mark.parametrize(("question", "path"), QUESTIONS.items())
async def test_a_question_in_the_language_of_the_comment_finds_it(engine, question, path):
    assert (await search_paths(engine, question))[0] == path


def test_scripts_without_spaces_give_pairs_of_characters():
    assert words("计算运费") == ["计算", "算运", "运费"]
    assert words("税") == ["税"]
    assert words("parse计算运Http") == ["parse", "计算", "算运", "http"]


def test_accents_and_letter_case_are_folded():
    assert words("De\u0301lai") == ["delai"]
    assert words("Délai ÉCHÉANCE Straße naïve") == ["delai", "echeance", "strasse", "naive"]


def test_a_version_is_one_token():
    assert tokens("since 8.2.0, not v8.20") == ["since", "not", "8.2.0", "8.20"]
    assert words("8.2.0") == ["8.2.0", "8.2"]
    assert words("a.b x1.2 f(1.5)") == ["a", "b", "x", "1", "2", "f", "1.5"]
