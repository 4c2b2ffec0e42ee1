"""Frozen values and protocols that every layer shares; knows numpy and the standard library alone."""
