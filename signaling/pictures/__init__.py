"""Sessions whose pictures come over HTTP: single JPEGs. In the front process."""
