"""Asking the publishers: what is new is fetched, accepted or refused, and archived as snapshots.

Here: a refresh (`run`), what it asks for (`planning`), how (`client`, `retry`), what is accepted (`acceptance`), what
is remembered of it (`log`, `state`, `refused`) and what may go (`pruning`). Not here: what a publisher is asked and how
a response is read (`sources`), where the bytes are kept (`snapshots`), or what they mean (`sql/staging`). Nothing else
in this package reaches the network, and a build never does.
"""
