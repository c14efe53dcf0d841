"""What stands behind ``sandbox.http_tools``: documents of APIs, and the way out to them."""
