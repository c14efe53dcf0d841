"""What a tool's result comes to: its JSON, a bounded one, or one line that says why there is none."""

from collections.abc import Callable
from typing import Any

from mcp_types import CallToolResult, ContentBlock, EmbeddedResource, ResourceLink, TextContent

from sandbox.backends.base import Answer, failed
from sandbox.host.framing import MAX_VALUE_DEPTH, encode, is_deeper, loads
from sandbox.tools import one_line

MOST_WORDS = 64 * 1024  # characters


def answer_of(result: CallToolResult, output_kb: int, redact: Callable[[Any], Any]) -> Answer:
    """``structuredContent`` if there is, else the parts of ``content``: one alone, none as null, several as a list.

    A text that is JSON is its value. Of images, sounds and resources there is a description, not what they hold.
    """
    most, too_large = output_kb * 1024, failed("output_limit", f"the result is over {output_kb} KB")
    texts = [block.text for block in result.content if isinstance(block, TextContent)]
    if result.is_error:
        return failed("tool_error", redact(told(" ".join(texts))) or "the tool failed and did not say why")
    content = result.structured_content
    if content is None:
        if sum(map(len, texts)) > most:
            return too_large
        parts = [_part(block) for block in result.content]
        content = parts if len(parts) > 1 else parts[0] if parts else None
    if is_deeper(content, MAX_VALUE_DEPTH):
        return failed("output_limit", f"the result is nested deeper than {MAX_VALUE_DEPTH} levels")
    try:
        if len(encode(content)) > most:  # before it is looked through for secrets
            return too_large
        content = redact(content)
        return Answer("ok", content) if len(encode(content)) <= most else too_large
    except ValueError as error:
        return failed("tool_error", f"the result is not JSON: {error}")


def told(text: str) -> str:
    """The beginning of what a server says in words, of which a line is shown."""
    return text[:MOST_WORDS]


def _part(block: ContentBlock) -> Any:
    if isinstance(block, TextContent):
        return _json_or_text(block.text)
    if isinstance(block, ResourceLink):
        return {"type": block.type, "uri": one_line(block.uri), "name": one_line(block.name)}
    if isinstance(block, EmbeddedResource):
        return {"type": block.type, "uri": one_line(block.resource.uri)}
    return {
        "type": block.type,
        "mimeType": one_line(block.mime_type),
        "bytes": len(block.data.rstrip("=")) * 3 // 4,
    }


def _json_or_text(text: str) -> Any:
    try:
        return loads(text)
    except (ValueError, RecursionError):
        return text
