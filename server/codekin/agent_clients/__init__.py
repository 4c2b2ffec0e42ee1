"""The configuration of coding agents: entries that are added and removed without other changes."""

from codekin.agent_clients.changes import Change, is_installed, planned, write
from codekin.agent_clients.registry import CLIENTS, Edit, edits_of

__all__ = ["CLIENTS", "Change", "Edit", "edits_of", "is_installed", "planned", "write"]
