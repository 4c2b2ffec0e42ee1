"""From candidates to an order: signals of each file and node, weighted, blended and refined.

In: a snapshot and a query. Out: results with scores, best first, and what each signal contributed.
Owns: the signals, the fitted weights, the demotion of tests and vendored code, and how commits and
folders are merged with files.
"""
