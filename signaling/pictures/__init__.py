"""Sessions whose pictures come over HTTP: single JPEGs by WebSocket or request."""
