"""Figures, never assertions: ``python -m tests.benchmarks`` prints them as a table."""
