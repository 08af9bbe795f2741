"""The tables of the `reference` catalog, which models read besides raw tables, and the names of economies.

Here: code lists, corrections, the list of snapshots, the files of `warehouse/reference`. Not here: the table of
registered claims, which `catalog` adds, or any figure.
"""
