"""Reading other people's derivations: bytes to placed pieces of mathematics.

This room stands on notation and meaning alone. It never imports the calculus that derives nor the
documents that are printed, so that reader and writer are two witnesses.
"""
