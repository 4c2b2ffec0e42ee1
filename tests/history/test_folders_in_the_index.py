"""Folders are found by their README and by what lies in them."""

from __future__ import annotations

import pytest

from support.engines import find_history, open_indexed
from support.files import write_files


@pytest.fixture
def tree(tmp_path):
    root = tmp_path / "tree"
    files = {
        "README.md": "# Toy\n\nA shop.\n",
        "billing/README.md": "# Billing\n\nInvoices and refunds.\n",
        "billing/invoice.py": "def invoice():\n    return 1\n",
        "billing/deep/tax.py": "def tax():\n    return 2\n",
    }
    write_files(root, files)
    return root


async def test_folder_is_found_by_its_readme(tree):
    async with open_indexed(tree) as engine:
        best = (await find_history(engine, "invoices and refunds", "directory"))[0]
        assert (best.path, best.kind, best.symbol) == ("billing/", "directory", "billing/")
        assert best.snippet == "# Billing\n\nInvoices and refunds.\n\nREADME.md\ndeep/\ninvoice.py"
        found = await find_history(engine, "tax shop invoice", "directory")
        assert sorted(result.path for result in found) == ["./", "billing/", "billing/deep/"]


async def test_folders_follow_their_files(tree):
    async with open_indexed(tree) as engine:
        before = engine.status().computed
        await engine.index()
        assert engine.status().computed == before
        (tree / "billing/README.md").write_text("# Billing\n\nDunning letters.\n")
        await engine.files_changed([tree / "billing/README.md"])
        assert (await find_history(engine, "dunning letters", "directory"))[0].path == "billing/"
        (tree / "billing/deep/tax.py").unlink()
        await engine.files_changed([tree / "billing/deep/tax.py"])
        assert "billing/deep/" not in {result.path for result in await find_history(engine, "tax deep", "directory")}


async def test_saving_a_file_leaves_its_folder_alone(tree):
    async with open_indexed(tree) as engine:
        before = engine.status().computed
        (tree / "billing/invoice.py").write_text("def invoice():\n    return 3\n")
        await engine.files_changed([tree / "billing/invoice.py"])
        assert engine.status().computed == before + 1


async def test_folders_do_not_count_as_files(tree):
    async with open_indexed(tree) as engine:
        assert engine.status().files == 4
