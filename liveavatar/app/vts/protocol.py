"""What stands round every request and answer, and the numbers of what can be wrong with one. Reads no clock."""

import json
import uuid
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from liveavatar.base.files import Unreadable
from liveavatar.base.strict_json import parse_json

NAME, VERSION = "VTubeStudioPublicAPI", "1.0"
VTS_VERSION = "1.32.0"
"""The version of VTube Studio whose API this follows."""
LONGEST_ID = 64

Data = dict[str, Any]


class Wrong(IntEnum):
    """The error numbers of VTube Studio."""

    INTERNAL = 0
    JSON = 2
    API_NAME = 3
    API_VERSION = 4
    REQUEST_ID = 5
    TYPE_MISSING = 6
    TYPE_UNKNOWN = 7
    NO_AUTHENTICATION = 8
    DENIED = 50
    ASKING_ALREADY = 51
    PLUGIN_NAME = 52
    PLUGIN_DEVELOPER = 53
    PLUGIN_ICON = 54
    TOKEN_MISSING = 100
    TOKEN_NAME = 101
    TOKEN_DEVELOPER = 102
    MODEL_MISSING = 150
    MODEL_INVALID = 151
    MODEL_NOT_FOUND = 152
    MODEL_COOLDOWN = 153
    MODEL_NOT_NOW = 154
    HOTKEY_NOT_FOUND = 202
    HOTKEY_COOLDOWN = 203
    HOTKEY_QUEUE = 200
    TINT_FIELDS = 251
    TINT_COLOUR = 252
    MOVE_FIELDS = 301
    MOVE_RANGE = 302
    PARAMETER_NAME = 350
    PARAMETER_VALUES = 351
    PARAMETER_OTHERS = 352
    PARAMETER_TEXT = 353
    PARAMETER_DEFAULT = 354
    PARAMETERS_TOO_MANY = 355
    PARAMETERS_ALL_TOO_MANY = 356
    DELETE_NAME = 400
    DELETE_UNKNOWN = 401
    DELETE_OTHERS = 402
    DELETE_DEFAULT = 403
    INJECT_NOTHING = 450
    INJECT_VALUE = 451
    INJECT_WEIGHT = 452
    INJECT_UNKNOWN = 453
    INJECT_TAKEN = 454
    INJECT_MODE = 455
    VALUE_UNKNOWN = 500
    EXPRESSION_NAME = 600
    EXPRESSION_NOT_FOUND = 601
    ACTIVATION_NAME = 650
    ACTIVATION_NOT_FOUND = 651
    PHYSICS = 701
    ITEMS = 753
    EVENT_UNKNOWN = 950
    ART_MESHES = 1001
    ITEM_PIN = 1050
    EFFECTS = 1200
    EVENT_TEST = 100_000
    EVENT_MODEL = 100_050
    EVENT_HOTKEY = 100_100


class Refused(Exception):
    """What the other side is told instead of an answer."""

    def __init__(self, number: Wrong, message: str) -> None:
        super().__init__(message)
        self.number = number


@dataclass(frozen=True)
class Request:
    """One request of a plugin."""

    kind: str
    """Without its "Request": "HotkeyTrigger"."""
    id: str
    data: Data


def read(frame: str | bytes) -> tuple[str, Request | Refused]:
    """(the id to answer with, the request or what is wrong with it). frame: a message as it came, text or UTF-8."""
    try:
        said = parse_json(frame)
    except Unreadable as error:
        return new_id(), Refused(Wrong.JSON, f"This is no valid JSON: {error}.")
    if not isinstance(said, dict):
        return new_id(), Refused(Wrong.JSON, "A request is a JSON object.")
    given = said.get("requestID")
    if given is None or given == "":
        own_id = new_id()
    elif isinstance(given, str) and given.isascii() and given.isprintable() and len(given) <= LONGEST_ID:
        own_id = given
    else:
        return new_id(), Refused(Wrong.REQUEST_ID, f"A requestID has 1 to {LONGEST_ID} ASCII characters.")
    if said.get("apiName") != NAME:
        return own_id, Refused(Wrong.API_NAME, f'apiName must be "{NAME}".')
    if said.get("apiVersion") != VERSION:
        return own_id, Refused(Wrong.API_VERSION, f'apiVersion must be "{VERSION}".')
    kind = said.get("messageType")
    if not isinstance(kind, str) or not kind:
        return own_id, Refused(Wrong.TYPE_MISSING, "messageType is missing.")
    data = said.get("data")
    if data is not None and not isinstance(data, dict):
        return own_id, Refused(Wrong.JSON, "data must be a JSON object.")
    if not kind.endswith("Request"):
        return own_id, Refused(Wrong.TYPE_UNKNOWN, f"There is no request {kind[:60]!r}.")
    return own_id, Request(kind.removesuffix("Request"), own_id, data or {})


def new_id() -> str:
    """The id of a message that answers none."""
    return uuid.uuid4().hex


_WRITER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def message(kind: str, request_id: str, data: Data, at: float) -> str:
    """A message to a plugin. kind: whole, "HotkeyTriggerResponse". at: the time of day, seconds since 1970."""
    envelope = {
        "apiName": NAME,
        "apiVersion": VERSION,
        "timestamp": int(1000 * at),
        "requestID": request_id,
        "messageType": kind,
        "data": data,
    }
    return _WRITER.encode(envelope)


def refusal(error: Refused, request_id: str, at: float) -> str:
    """The message that says what was wrong."""
    return message("APIError", request_id, {"errorID": int(error.number), "message": str(error)}, at)


def number(data: Data, key: str, wrong: Wrong, default: float | None = None) -> float | None:
    """The number in a field; the default where it is missing or null. Raises Refused, with this number, for anything else."""
    value = data.get(key)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Refused(wrong, f"{key} is a number, not {value!r:.40}.")
    return float(value)


def text(value: object) -> str:
    """The text in a field; empty for one that is missing, null or no text."""
    return value if isinstance(value, str) else ""


def identity(name: str) -> str:
    """32 hexadecimal digits that stay the same for ever for the same name: decks store them."""
    return uuid.uuid5(uuid.NAMESPACE_URL, f"liveavatar:{name}").hex
