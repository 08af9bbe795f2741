"""Asking the publishers: what is new is fetched, accepted or refused, and archived as snapshots.

Here: a refresh. Not here: what to ask and how to read an answer (`sources`), where the bytes are kept (`snapshots`), or
what they mean (`sql/staging`). Nothing else in this package reaches the network, and a build never does.
"""
