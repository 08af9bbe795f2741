"""The refresh: it fetches what is new from the publishers, accepts or refuses it, and archives it as snapshots.

Here: a refresh (`run`), what it asks for (`planning`), how (`client`, `retry`), what is accepted (`acceptance`), what
it records (`log`, `state`, `refused`) and which snapshots may go (`pruning`). Not here: what a publisher is asked and
how a response is read (`sources`), where the bytes are kept (`snapshots`), or what they mean (`sql/staging`). Nothing
else in this package reaches the network, and a build never does.
"""
