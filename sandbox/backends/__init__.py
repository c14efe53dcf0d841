"""The kinds of tools: the catalog beside them is trusted; these are code, REST APIs and MCP servers."""
