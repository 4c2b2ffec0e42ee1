"""The Model Context Protocol: tools for agents, decoded here and answered by the engine. The extra `codekin[mcp]`."""

from codekin.mcp.server import serve

__all__ = ["serve"]
