"""Rules of further languages."""
