"""Outputs for readers: the report and its charts, the generated pages of `docs/`, citations and data packages.

Here: one module for each output that is made from a published file. Not here: figures, sentences and verdicts, which
the outputs only show, and the publication itself, which does not depend on them.
"""
