"""Find which slices of a table, such as months, can depend on changed rows, so that only these are made again.

Here: slices, as models and rules declare them (`slices`); which of them have changed (`changes`). Not here: making a
table (`engines`), and whether it is current (`pipeline`).
"""
