"""Find the slices of tables that changed rows can affect, so that only they are made again.

Here: slices, as models and rules declare them (`slices`); which of them have changed (`changes`). Not here: making a
table (`engines`), and whether it is current (`pipeline`).
"""
