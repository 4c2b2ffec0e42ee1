"""Handlers of requests and notifications: one function each, by topic.

In: decoded parameters and the server object. Out: what the client receives.
Owns: the tables `HANDLERS` that `lsp/application.py` registers. The session and the encoding are
elsewhere.
"""
