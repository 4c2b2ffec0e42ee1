"""Measurements, each printed as one JSON object: `python -m benchmarks engine PATH`."""
