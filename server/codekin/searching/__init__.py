"""From a request to ranked, explained results, on an immutable snapshot of the index."""

from codekin.searching.catalog import Catalog
from codekin.searching.explaining import Explanation, explain
from codekin.searching.query_filters import revision_asked
from codekin.searching.related import related
from codekin.searching.search import search
from codekin.searching.symbols import SymbolResult, find_symbols
from codekin.searching.view import Backing, Deep, FileBlock, SearchView

__all__ = [
    "Backing",
    "Catalog",
    "Deep",
    "Explanation",
    "FileBlock",
    "SearchView",
    "SymbolResult",
    "explain",
    "find_symbols",
    "related",
    "revision_asked",
    "search",
]
