"""What people look at: the report and its charts, the generated pages of `docs/`, citations and packages.

Here: everything that is made of a published file for readers, a module each. Not here: figures, sentences or verdicts,
which it only shows, and the publication itself, which never waits for any of this.
"""
