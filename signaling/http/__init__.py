"""HTTP as the service speaks it: requests, responses, errors, streams."""
