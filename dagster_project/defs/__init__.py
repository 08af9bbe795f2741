"""Declare the project to Dagster: assets, checks, jobs, schedules, sensors, resources.

Here: declarations, which load quickly. Not here: the work itself, which other packages do.
"""
