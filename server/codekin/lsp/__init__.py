"""The language server: decodes requests, calls the engine, encodes answers."""

from codekin.lsp.stdio import serve

__all__ = ["serve"]
