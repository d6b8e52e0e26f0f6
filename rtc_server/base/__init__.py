"""What every room stands on: settings, errors, clock, tasks, log. In every process."""
