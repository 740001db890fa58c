"""What plugins are told without asking: who wants to know what, and what has happened. Reads no clock."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from liveavatar.app.vts.hotkeys import hotkeys
from liveavatar.app.vts.protocol import Data, Refused, Wrong, identity, text
from liveavatar.app.vts.stage import Stage

TEST, MODEL, TRACKING, HOTKEY, MOVED, CONFIG, OUTLINE = (
    "TestEvent", "ModelLoadedEvent", "TrackingStatusChangedEvent", "HotkeyTriggeredEvent", "ModelMovedEvent",
    "ModelConfigChangedEvent", "ModelOutlineEvent",
)  # fmt: skip
SENT = (TEST, MODEL, TRACKING, HOTKEY, MOVED, CONFIG, OUTLINE)
SILENT = (
    "BackgroundChangedEvent", "ModelAnimationEvent", "ItemEvent", "ModelClickedEvent",
    "PostProcessingEvent", "Live2DCubismEditorConnectedEvent",
)  # fmt: skip
"""May be subscribed to, and do not happen."""
LONGEST_TEST = 32
"""Characters of a test event's message."""
OUTLINES = 1 / 15
"""Seconds between two outlines, as VTube Studio sends them."""
LOOKS = 5.0
"""Seconds between two looks at which avatars there are."""


@dataclass
class Subscriptions:
    """Of one connection."""

    wanted: dict[str, Data] = field(default_factory=dict)
    """Event -> its configuration."""

    def change(self, data: Data) -> Data:
        """EventSubscription's answer. Raises Refused."""
        name, on = text(data.get("eventName")), data.get("subscribe") is True
        if not on and not name:
            self.wanted.clear()
        elif name not in SENT and name not in SILENT:
            raise Refused(Wrong.EVENT_UNKNOWN, f"There is no event {name[:40]!r}.")
        elif on:
            config = data.get("config")
            config = config if isinstance(config, dict) else {}
            _check(name, config)
            self.wanted[name] = config
        else:
            self.wanted.pop(name, None)
        return {"subscribedEventCount": len(self.wanted), "subscribedEvents": list(self.wanted)}

    def wants(self, name: str, data: Data) -> Data | None:
        """The event as this connection is told it; None where it is not."""
        config = self.wanted.get(name)
        if config is None:
            return None
        if name == MODEL and (wanted := config.get("modelID")):
            return data if data["modelID"] in wanted else None
        if name == HOTKEY:
            only = text(config.get("onlyForAction"))
            by_api = config.get("ignoreHotkeysTriggeredByAPI") is True and data["hotkeyTriggeredByAPI"]
            return None if by_api or (only and only != data["hotkeyAction"]) else data
        if name == TEST:
            message = text(config.get("testMessageForEvent"))
            return {**data, "yourTestMessage": message or "Your text message will be in here."}
        return data


def _check(name: str, config: Data) -> None:
    if name == TEST and len(text(config.get("testMessageForEvent"))) > LONGEST_TEST:
        raise Refused(Wrong.EVENT_TEST, f"A test message has at most {LONGEST_TEST} characters.")
    wanted = config.get("modelID") or []
    if name == MODEL and not (
        isinstance(wanted, list) and all(isinstance(one, str) and len(one) == 32 for one in wanted)
    ):
        raise Refused(Wrong.EVENT_MODEL, "modelID is a list of ids of 32 characters.")
    if name == HOTKEY and len(text(config.get("onlyForAction"))) > 64:
        raise Refused(Wrong.EVENT_HOTKEY, "onlyForAction is no hotkey's type.")


class Happenings:
    """Compares the stage with what it was: events by name."""

    def __init__(self, stage: Stage, time: float) -> None:
        self._stage = stage
        self._current, self._emote = stage.current, stage.emote
        self._found, self._position = stage.face_found(time), stage.placement.position()
        self._avatars: list[str] | None = None
        self._began, self._count, self._looked = time, 0, time
        self._outlined = time

    def since(self, time: float, wanted: Collection[str]) -> Iterator[tuple[str, Data]]:
        """(event, its data) of all that happened since the last call. wanted: events that somebody wants to know: an outline is
        not made for nobody."""
        stage = self._stage
        if (count := int(time - self._began)) > self._count:
            self._count = count
            yield TEST, {"counter": count}
        if stage.current != self._current:
            before, self._current = self._current, stage.current
            stage.loaded(time)
            old = {"modelLoaded": False, "modelName": before, "modelID": identity(f"avatar {before}")}
            yield MODEL, old
            yield MODEL, stage.named()
        if (found := stage.face_found(time)) != self._found:
            self._found = found
            yield TRACKING, {"faceFound": found, "leftHandFound": False, "rightHandFound": False}
        if (position := stage.placement.position()) != self._position:
            self._position = position
            yield MOVED, stage.moved()
        if time - self._looked >= LOOKS:
            self._looked = time
            avatars, before_that = stage.avatars(), self._avatars
            self._avatars = avatars
            if before_that is not None and avatars != before_that:
                yield CONFIG, {**stage.name_and_id(), "hotkeyConfigChanged": True}
        if OUTLINE in wanted and time - self._outlined >= OUTLINES:
            self._outlined = max(self._outlined + OUTLINES, time - OUTLINES)
            if (data := stage.outlined()) is not None:
                yield OUTLINE, data
        yield from self._hotkeys()

    def _hotkeys(self) -> Iterator[tuple[str, Data]]:
        before = self._emote
        emote, by_plugins = self._stage.acted()
        self._emote = emote
        pressed = [(key, True) for key in by_plugins]
        if emote != before and not any(key.command.get("command") == "emote" for key in by_plugins):
            changed = emote or before  # by key, or by command
            pressed += [(key, False) for key in hotkeys(()) if key.name == changed]
        for key, by_api in pressed:
            told = {
                "hotkeyID": key.id,
                "hotkeyName": key.name,
                "hotkeyAction": key.kind,
                "hotkeyFile": key.file,
                "hotkeyTriggeredByAPI": by_api,
                "isLive2DItem": False,
            }
            yield HOTKEY, {**told, **self._stage.name_and_id()}
