"""Load the tables of the `reference` catalog (code lists, corrections, snapshots), and find economies by name."""
