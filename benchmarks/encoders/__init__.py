"""Encoders as the deep tier: what each knows alone, and what the ranking gains from it."""
