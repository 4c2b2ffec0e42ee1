"""Vector databases, one file each, as tables with nine calls; each knows its own library and the contract alone.

In: rows and keys that `TableStore` has validated. Out: rows, keys and similarities, errors in words.
Owns: what differs between SQLite, FAISS, LanceDB, Chroma, PostgreSQL, Redis and Elasticsearch.
"""
