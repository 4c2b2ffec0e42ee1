"""From candidates to an order: signals for each file and node, weighed, blended and refined.

In: a snapshot and a query. Out: results with scores, best first, and what each signal contributed.
Owns: the signals, the fitted weights, the demotion of tests and vendored code, and the place of commits and folders.
"""
