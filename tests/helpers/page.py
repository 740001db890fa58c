"""What the browser output says to its page, taken apart."""

import json
import struct
from typing import Any


def parsed(message: Any) -> tuple[dict[str, Any], bytes]:
    """Head and payload of one message."""
    (length,) = struct.unpack_from("<I", message)
    assert length % 4 == 0  # numbers of four bytes may follow
    return json.loads(message[4 : 4 + length]), message[4 + length :]
