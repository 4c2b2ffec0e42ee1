"""Indexes as earlier versions of codekin stored them."""
