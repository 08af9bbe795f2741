"""Tables that are made a part at a time, and the parts that a change of some rows can matter to.

Here: slices, as models and rules declare them (`slices`); which of them have changed (`changes`). Not here: the making
of a table (`engines`), and whether it is current (`pipeline`).
"""
