"""HTTP as the service speaks it: requests, responses, errors, streams. Front process's loop."""
