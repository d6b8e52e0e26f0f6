"""The OpenAPI document, made of routes, handlers and models when the front process starts."""
