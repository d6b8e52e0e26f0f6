"""What every room stands on: settings, errors, clock, tasks, log. Imports nothing of ours."""
