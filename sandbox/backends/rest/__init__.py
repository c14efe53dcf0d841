"""What stands behind ``sandbox.backends.rest.tools``: documents of APIs, and the way out to them."""
