"""The Model Context Protocol: tools for agents, from the extra `codekin[mcp]`."""

from codekin.mcp.server import serve

__all__ = ["serve"]
