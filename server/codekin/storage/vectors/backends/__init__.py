"""Vector databases, one file each, as implementations of `Table`.

In: rows and keys that `TableStore` has validated. Out: rows, keys and similarities, errors with a
message. Owns: what differs between SQLite, FAISS, LanceDB, Chroma, PostgreSQL, Redis and
Elasticsearch. Each file depends only on its own library and the contract.
"""
