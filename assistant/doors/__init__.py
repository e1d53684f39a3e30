"""Doors through which other programs ask: HTTP API, MCP, OpenAI-compatible. Citations, status and version go through each."""
