"""Queries of all kinds, run in turn."""

QUERIES = (
    "where is the retry logic?",
    "parse the configuration file",
    "error handling",
    "open a connection",
    "validate input types",
    "how are routes matched to handlers",
    "serialize an object to JSON",
    "read_bytes",
    "parseHeader",
    "Session.close",
    "escape HTML in a template",
    "timeout of a request",
    "write a log record to a file",
    "compare two version numbers",
    "websocket handshake",
    "test that a missing file raises an error",
    "src/main.c",
    "cache with expiry",
    "where is the middleware chain built?",
    "encode a multipart form with a boundary",
)
