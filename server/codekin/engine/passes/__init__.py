"""Passes over a root: what brings its index up to date with the folder, as a whole.

In: a root's index and its folder. Out: batches of changed files, and the trigrams of all. Owns: the
plan of a pass, its batches, and the comparison that makes one unnecessary.
"""
