"""What stands behind ``sandbox.mcp_tools``: servers of the Model Context Protocol, and the connections to them."""
