"""A tool whose errors are short sentences for a model, not the report of a library."""

from __future__ import annotations

from typing import Any

from mcp.server.mcpserver.exceptions import ToolError, UnexpectedToolError
from mcp.server.mcpserver.tools import Tool
from pydantic import ValidationError

_MAX_MISTAKES = 3


class PlainTool(Tool):
    """A tool of the SDK without its prefixes and links in errors."""

    async def run(self, arguments: dict[str, Any], context: Any, convert_result: bool = False) -> Any:
        """Run the tool. Raises ToolError, whose text says what is wrong and what to do."""
        try:
            return await super().run(arguments, context, convert_result)
        except UnexpectedToolError as error:
            raise UnexpectedToolError(
                f"{self.name} failed unexpectedly. To fix: try again. The log in CODEKIN_HOME says why it failed."
            ) from error
        except ToolError as error:
            cause = error.__cause__
            text = self._mistakes(cause) if isinstance(cause, ValidationError) else str(cause or error)
            raise ToolError(text) from error

    def _mistakes(self, error: ValidationError) -> str:
        found = [
            f"`{'.'.join(map(str, item['loc']))}`: {item['msg']}."
            for item in error.errors(include_url=False, include_context=False, include_input=False)[:_MAX_MISTAKES]
        ]
        return f"{self.name} cannot use its arguments. {' '.join(found)} To fix: correct them and call it again."
