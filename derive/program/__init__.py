"""Programs: shapes, names, equations, elementwise functions, evaluation.

A program is what a machine computes and what a hand derivation looks like. Nothing in here knows
about networks, derivatives or how a formula is written.
"""
