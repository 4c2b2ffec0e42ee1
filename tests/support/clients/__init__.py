"""Clients of the language server: one with a library, one of bare bytes, and real editors."""
