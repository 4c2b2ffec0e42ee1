"""What agents find within a budget of tokens, beside grep and BM25."""
