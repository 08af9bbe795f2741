"""Refresh the warehouse: fetch new figures from publishers, accept or refuse each response, and archive the accepted.

Here: a refresh (`run`), its requests (`planning`), sending them (`client`, `retry`), the rules for accepting a response
(`acceptance`), the records of a refresh (`log`, `state`, `refused`), and the removal of unused snapshots (`pruning`).
Not here: each publisher's requests and the reading of its responses (`sources`), the storage of the bytes
(`snapshots`), or the meaning of figures (`sql/staging`). Nothing else in this package uses the network, and a build
never does.
"""
