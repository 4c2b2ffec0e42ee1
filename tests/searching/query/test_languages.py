"""Questions in the language of the comments: scripts without spaces, accents, versions."""

from __future__ import annotations

import pytest

from codekin.domain.words import tokens, words
from support.engines import open_indexed, search_paths

COMMENTS = {
    "fee": "计算运费的函数。根据重量计算运费",
    "login_zh": "验证用户的密码并创建会话",
    "queue_zh": "把失败的任务重新放入队列",
    "cache_zh": "缓存过期以后从数据库读取",
    "report_zh": "每天晚上生成销售报表",
    "tax": "税金を計算する関数",
    "login_ja": "パスワードを検証してログインする",
    "queue_ja": "失敗したジョブを再試行する",
    "cache_ja": "設定ファイルを読み込んで保存する",
    "report_ja": "毎晩売上レポートを作成する",
    "sign": "서명을 확인하는 함수",
    "login_ko": "사용자 비밀번호를 검증한다",
    "queue_ko": "실패한 작업을 다시 시도한다",
    "cache_ko": "설정 파일을 읽는다",
    "report_ko": "매출 보고서를 만든다",
    "total": "Сумма всех платежей за день",
    "login_ru": "Проверяет пароль пользователя",
    "queue_ru": "Возвращает неудачные задания в очередь",
    "cache_ru": "Читает файл настроек при запуске",
    "report_ru": "Создаёт отчёт по продажам",
    "size": "Größe der Warteschlange",
    "login_de": "Prüft das Passwort des Benutzers",
    "queue_de": "Legt fehlgeschlagene Aufträge erneut in die Schlange",
    "cache_de": "Liest die Einstellungen beim Start",
    "report_de": "Erzeugt jede Nacht den Umsatzbericht",
    "late": "Délai avant la prochaine requête, en secondes",
    "login_fr": "Vérifie le mot de passe de l'utilisateur",
    "queue_fr": "Remet les tâches échouées dans la file",
    "cache_fr": "Lit les paramètres au démarrage",
    "report_fr": "Crée le rapport des ventes chaque nuit",
    "login_es": "Comprueba la contraseña del usuario",
    "queue_es": "Devuelve los trabajos fallidos a la cola",
    "cache_es": "Lee la configuración al arrancar",
    "report_es": "Genera el informe de ventas cada noche",
    "price_es": "Calcula el precio del envío según el peso",
    "login_pt": "Verifica a senha do usuário",
    "queue_pt": "Devolve as tarefas com falha para a fila",
    "cache_pt": "Lê as configurações na inicialização",
    "report_pt": "Gera o relatório de vendas toda noite",
    "price_pt": "Calcula o frete pelo peso da encomenda",
}
QUESTIONS = {
    "计算运费": "fee",
    "如何验证密码": "login_zh",
    "失败的任务": "queue_zh",
    "缓存什么时候过期": "cache_zh",
    "销售报表在哪里生成": "report_zh",
    "税金の計算": "tax",
    "パスワードの検証": "login_ja",
    "ジョブの再試行": "queue_ja",
    "どこで設定ファイルを読み込みますか": "cache_ja",
    "売上レポート": "report_ja",
    "서명 확인": "sign",
    "비밀번호 검증": "login_ko",
    "실패한 작업은 어떻게 다시 시도합니까": "queue_ko",
    "설정 파일": "cache_ko",
    "매출 보고서": "report_ko",
    "сумма платежей": "total",
    "проверка пароля пользователя": "login_ru",
    "неудачные задания": "queue_ru",
    "файл настроек": "cache_ru",
    "отчет по продажам": "report_ru",
    "grosse der warteschlange": "size",
    "wo wird das Passwort geprüft": "login_de",
    "fehlgeschlagene Aufträge": "queue_de",
    "Einstellungen lesen": "cache_de",
    "UMSATZBERICHT": "report_de",
    "delai avant requete": "late",
    "vérifier le mot de passe": "login_fr",
    "taches echouees": "queue_fr",
    "lire les paramètres": "cache_fr",
    "rapport des ventes": "report_fr",
    "contrasena del usuario": "login_es",
    "trabajos fallidos": "queue_es",
    "¿dónde se lee la configuración?": "cache_es",
    "informe de ventas": "report_es",
    "precio del envio": "price_es",
    "senha do usuario": "login_pt",
    "tarefas com falha": "queue_pt",
    "configuracoes": "cache_pt",
    "relatório de vendas": "report_pt",
    "calcular o frete": "price_pt",
}


@pytest.fixture
async def engine(tmp_path):
    for number, (name, comment) in enumerate(COMMENTS.items()):
        text = f"# {comment}\ndef step_{number}(value):\n    return value\n"
        (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
    async with open_indexed(tmp_path, embedder="static") as engine:
        yield engine


@pytest.mark.parametrize(("question", "name"), QUESTIONS.items())
async def test_a_question_in_the_language_of_the_comment_finds_it(engine, question, name):
    assert (await search_paths(engine, question))[0] == f"{name}.py"


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
