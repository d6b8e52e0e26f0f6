"""The OpenAPI document: made of the routes, of what their handlers say, and of the models."""
