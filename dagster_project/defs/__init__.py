"""What is declared to Dagster: assets, checks, jobs, schedules, sensors, resources.

Here: declarations over the other rooms, and nothing that takes time when they load. Not here: any work.
"""
