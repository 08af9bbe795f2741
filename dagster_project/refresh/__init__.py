"""Fetch new figures from publishers, check each response, and store the accepted ones as snapshots.

`run` is the loop of a refresh. `planning` lists the requests, `client` and `retry` send them, and `acceptance` checks
each response against the stored figures. `log`, `state` and `refused` record the results, and `notices` picks results
to send to a person. `sources` writes the requests and parses the responses of each publisher. Except for sending
notices, no other part of the program uses the network.
"""
