"""What models read beside raw: the tables of the `reference` catalog, and names of economies.

Here: code lists, corrections, the list of snapshots, the files of `warehouse/reference`. Not here: the register of
claims, whose table `catalog` adds, and any figure.
"""
