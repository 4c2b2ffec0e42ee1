"""What the server does for each request and notification: one function each, by topic.

In: decoded parameters and the server object. Out: what the client receives.
Owns: the tables `HANDLERS` that `lsp/application.py` registers; the session and the encoding are elsewhere.
"""
