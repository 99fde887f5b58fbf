"""What the pool and its children say to each other over a socket. Pure, and cheap to import on both sides.

A child first says READY. A request is HEAD and the file; an answer is LENGTH, so many bytes of JSON, and the painted
pictures one after the other, whose lengths stand in the JSON.
"""

import struct

READY = b"ready"
HEAD = struct.Struct(">cHHHHI")
"""Command, page, dots per inch, another such number or 0, seconds allowed, bytes of file that follow."""
LENGTH = struct.Struct(">I")
INSPECT, RENDER, PACK = b"i", b"r", b"p"
"""Judge a PDF; paint one page of it; a PNG of ours as WebP."""

LIMITS = "Filen kræver mere tid eller hukommelse, end der er afsat, og kan ikke vises."
"""Said by the child that notices in time, and by the pool for a child that did not."""
