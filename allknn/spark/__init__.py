"""What Spark's tasks do in the joins; who opens the session and ships the points decides the caller.

approximate_plan.py   how the approximate join is cut into tasks
approximate_tasks.py  assign rows to clusters, solve clusters, merge what they know of a row
exact_rounds.py       the exact join by tasks, near leaf ranges first
exact_task.py         join two leaf ranges
"""
