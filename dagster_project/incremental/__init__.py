"""Tables that are made a part at a time, and what a change of some rows asks to be made again.

Here: slices, as models and rules declare them (`slices`); which of them have changed (`changes`). Not here: the making
of a table (`engines`), and whether it is current (`build`).
"""
