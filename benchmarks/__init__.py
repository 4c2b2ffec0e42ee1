"""Benchmarks, each of which prints one JSON object: `python -m benchmarks engine PATH`."""
