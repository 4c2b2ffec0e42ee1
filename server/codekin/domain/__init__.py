"""Frozen values and protocols that every layer shares.

Depends only on numpy and the standard library.
"""
