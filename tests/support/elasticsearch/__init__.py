"""A real Elasticsearch for the tests: where its files are, and nodes started from them."""
