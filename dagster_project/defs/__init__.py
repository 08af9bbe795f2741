"""Declare the project to Dagster: assets, checks, jobs, schedules, sensors, resources.

Here: declarations of what the other rooms do, which load quickly. Not here: any work.
"""
