"""What stands behind ``sandbox.backends.mcp.tools``: servers of the Model Context Protocol, and the connections to them."""
