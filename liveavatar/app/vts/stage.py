"""The show as VTube Studio's plugins know one: models, hotkeys, expressions, a face.

Time is an argument; the clock is read only so that the folders of avatars are not.
"""

import math
import threading
from collections.abc import Callable
from typing import Any

import numpy as np

from liveavatar.app.actions import Actions
from liveavatar.app.vts.hotkeys import EXPRESSION, Hotkey, hotkeys
from liveavatar.app.vts.parameters import Parameters
from liveavatar.app.vts.placement import Placement
from liveavatar.app.vts.protocol import Data, Refused, Wrong, identity, text
from liveavatar.base.shutdown import Detached
from liveavatar.base.timing import now
from liveavatar.controls import CONTROLS
from liveavatar.errors import LiveAvatarError
from liveavatar.live.report import Report, message_of
from liveavatar.media.compositing import ZOOM
from liveavatar.retargeting.mixer import Mixer
from liveavatar.retargeting.reactions import EMOTES

SWAP_COOLDOWN = 2.0
"""Seconds between two changes of the avatar, whoever asks."""
ANSWER = 0.6
"""Seconds in which a change that fails is told so; plugins wait for a second at most."""
KEY_COOLDOWN = 5 / 60
"""Seconds until the same hotkey acts again."""
LASTS = 5.0
"""Seconds for which the list of avatars is kept."""


class Stage:
    """What plugins may see and do, whoever they are. From any thread; what has to do with time is told it, in seconds."""

    def __init__(
        self,
        *,
        actions: Actions,
        mixer: Mixer,
        report: Report,
        size: tuple[int, int],
        outline: Callable[[], np.ndarray] = lambda: np.zeros((0, 2)),
    ) -> None:
        """size: of the output, (width, height) in pixels. outline: of what is shown there, see media/outline.py."""
        self._actions, self._mixer = actions, mixer
        self.report, self.size = report, size
        self.parameters = Parameters(mixer)
        self.placement = Placement(actions, size, outline)
        self._lock = threading.Lock()
        self._listed: tuple[float, list[str]] = -math.inf, []
        """Until when, and the avatars."""
        self._swapped = -math.inf
        self._loaded = 0.0
        self._pressed: dict[str, float] = {}
        self._acting = threading.Lock()
        """Held while a hotkey does something that is done at once."""
        self._acted: list[Hotkey] = []
        """Those that plugins pressed, until acted() is asked."""
        self._face_until = -math.inf

    # Models

    def avatars(self) -> list[str]:
        """The names there are, as they were at most LASTS seconds ago."""
        time = now()
        if time > self._listed[0]:
            self._listed = time + LASTS, self._actions.avatars()
        return self._listed[1]

    @property
    def current(self) -> str:
        """The avatar that plays."""
        return self._actions.current

    def named(self) -> Data:
        """The model as most answers name it."""
        return {"modelLoaded": True, **self.name_and_id()}

    def name_and_id(self) -> Data:
        """The model as events name it."""
        return {"modelName": self.current, "modelID": identity(f"avatar {self.current}")}

    def model(self, time: float) -> Data:
        """CurrentModel's answer."""
        return {
            **self.named(),
            "vtsModelName": f"{self.current}.vtube.json",
            "vtsModelIconName": "",
            "live2DModelName": "",
            "modelLoadTime": 0,
            "timeSinceModelLoaded": int(1000 * max(time - self._loaded, 0)),
            "numberOfLive2DParameters": len(CONTROLS),
            "numberOfLive2DArtmeshes": 1,
            "hasPhysicsFile": False,
            "numberOfTextures": 0,
            "textureResolution": 0,
            "modelPosition": self.placement.position(),
        }

    def models(self) -> Data:
        """AvailableModels' answer."""
        names = self.avatars()
        models = [
            {
                "modelLoaded": name == self.current,
                "modelName": name,
                "modelID": identity(f"avatar {name}"),
                "vtsModelName": f"{name}.vtube.json",
                "vtsModelIconName": "",
            }
            for name in names
        ]
        return {"numberOfModels": len(models), "availableModels": models}

    def avatar_of(self, model_id: str) -> str | None:
        """The avatar with this id."""
        wanted = model_id.lower()
        return next((name for name in self.avatars() if identity(f"avatar {name}") == wanted), None)

    def load(self, data: Data, time: float) -> Data:
        """ModelLoad's answer. The avatar is there some tenths of a second later; ModelLoadedEvent tells when."""
        if "modelID" not in data:
            raise Refused(Wrong.MODEL_MISSING, "modelID is missing.")
        wanted = text(data["modelID"])
        if not wanted:
            raise Refused(Wrong.MODEL_NOT_NOW, "There is always an avatar; load another one instead.")
        if len(wanted) > 64:
            raise Refused(Wrong.MODEL_INVALID, "A modelID has 32 characters.")
        name = self.avatar_of(wanted)
        if name is None:
            raise Refused(Wrong.MODEL_NOT_FOUND, f"There is no model {wanted!r}.")
        self._swap(name, time)
        return {"modelID": wanted}

    def _swap(self, name: str, time: float) -> None:
        with self._lock:
            if time - self._swapped < SWAP_COOLDOWN:
                raise Refused(Wrong.MODEL_COOLDOWN, f"One model in {SWAP_COOLDOWN:g} seconds.")
            self._swapped = time
        failed: list[str] = []
        late = threading.Event()

        def change() -> None:
            try:
                self._actions.handle({"command": "swap", "avatar": name})
            except Exception as error:
                failed.append(message_of(error))
                if late.is_set():  # the plugin has its answer: the user is told
                    self._actions.failed(failed[0])

        Detached(change, name="swap").join(ANSWER)
        late.set()
        if failed:
            raise Refused(Wrong.MODEL_NOT_NOW, failed[0])

    def moved(self) -> Data:
        """ModelMovedEvent's data, as it is now."""
        return {**self.name_and_id(), "modelPosition": self.placement.position()}

    def outlined(self) -> Data | None:
        """ModelOutlineEvent's data, as it is now; None where nothing is seen."""
        outline = self.placement.outline()
        return None if outline is None else {**self.name_and_id(), **outline}

    def loaded(self, time: float) -> None:
        """Another avatar plays since then."""
        self._loaded = time

    # Hotkeys and expressions

    def keys(self, data: Data) -> Data:
        """HotkeysInCurrentModel's answer: every avatar has the same."""
        name: str | None = self.current
        if model_id := text(data.get("modelID")):
            name = self.avatar_of(model_id)
        if name is None:
            raise Refused(Wrong.MODEL_NOT_FOUND, f"There is no model {model_id[:40]!r}.")
        told = [
            {
                "name": key.name,
                "type": key.kind,
                "description": key.does,
                "file": key.file,
                "hotkeyID": key.id,
                "keyCombination": [],
                "onScreenButtonID": -1,
            }
            for key in ([] if text(data.get("live2DItemFileName")) else hotkeys(self.avatars()))
        ]
        loaded = name == self.current
        return {
            "modelLoaded": loaded,
            "modelName": name,
            "modelID": identity(f"avatar {name}"),
            "availableHotkeys": told,
        }

    def press(self, data: Data, time: float) -> Data:
        """HotkeyTrigger's answer; by id or by name."""
        wanted = (text(data.get("hotkeyID")) or text(data.get("hotkeyName"))).casefold()
        found = [key for key in hotkeys(self.avatars()) if wanted in (key.id, key.name.casefold())]
        if not found or text(data.get("itemInstanceID")):
            raise Refused(Wrong.HOTKEY_NOT_FOUND, f"There is no hotkey {wanted[:40]!r}.")
        key = found[0]
        with self._lock:
            if time - self._pressed.get(key.id, -math.inf) < KEY_COOLDOWN:
                raise Refused(Wrong.HOTKEY_COOLDOWN, f"{key.name} was pressed just now.")
            self._pressed[key.id] = time
        if "avatar" in key.command:
            self._swap(key.command["avatar"], time)
        with self._acting:
            if "avatar" not in key.command:
                self._do(key.command)
            self._acted.append(key)
        return {"hotkeyID": key.id}

    def acted(self) -> tuple[str, list[Hotkey]]:
        """The emote that is on, and the hotkeys that plugins have pressed since the last call."""
        with self._acting:
            acted, self._acted = self._acted, []
            return self.emote, acted

    def _do(self, command: Data) -> None:
        framing = self._actions.frame()
        if command.get("command") == "framing" and "mirror" in command:
            command = {**command, "mirror": not framing.mirror}
        elif command.get("command") == "framing":
            command = {**command, "zoom": min(max(framing.zoom * command["zoom"], ZOOM[0]), ZOOM[1])}
        try:
            self._actions.handle(command)
        except LiveAvatarError as error:
            raise Refused(Wrong.HOTKEY_QUEUE, str(error)) from error

    def perform(self, name: str, seconds: float | None) -> str:
        """See Reactions.perform()."""
        return self._mixer.reactions.perform(name, seconds)

    @property
    def emote(self) -> str:
        """The one that is on; empty for none."""
        return self._mixer.reactions.active

    def expressions(self, data: Data) -> Data:
        """ExpressionState's answer."""
        wanted = text(data.get("expressionFile"))
        if wanted and not wanted.lower().endswith(EXPRESSION):
            raise Refused(Wrong.EXPRESSION_NAME, f"An expression's file ends in {EXPRESSION}.")
        names = [name for name in EMOTES if wanted.lower() in ("", name + EXPRESSION)]
        if not names:
            raise Refused(Wrong.EXPRESSION_NOT_FOUND, f"There is no expression {wanted[:40]!r}.")
        details, active = data.get("details") is True, self.emote
        keys = {key.name: key for key in hotkeys(())}
        told: list[dict[str, Any]] = [
            {
                "name": name,
                "file": name + EXPRESSION,
                "active": name == active,
                "deactivateWhenKeyIsLetGo": False,
                "autoDeactivateAfterSeconds": False,
                "secondsRemaining": self._mixer.reactions.remaining if name == active else 0,
                "usedInHotkeys": [{"name": name, "id": keys[name].id}] if details else [],
                "parameters": [{"name": c, "value": v} for c, v in EMOTES[name].items()] if details else [],
            }
            for name in names
        ]
        return {**self.named(), "expressions": told}

    def activate(self, data: Data) -> Data:
        """ExpressionActivation's answer. One emote is on at a time: the last one."""
        wanted = text(data.get("expressionFile")).lower()
        if not wanted.endswith(EXPRESSION):
            raise Refused(Wrong.ACTIVATION_NAME, f"An expression's file ends in {EXPRESSION}.")
        name = wanted.removesuffix(EXPRESSION)
        if name not in EMOTES:
            raise Refused(Wrong.ACTIVATION_NOT_FOUND, f"There is no expression {wanted[:40]!r}.")
        if (self.emote == name) != (data.get("active") is True):
            self._do({"command": "emote", "emote": name})
        return {}

    # The face

    def inject(self, plugin: str, data: Data, time: float) -> Data:
        """InjectParameterData's answer."""
        self.parameters.inject(plugin, data, time)
        if data.get("faceFound") is True:
            self._face_until = time + 1
        return {}

    def face_found(self, time: float) -> bool:
        """A face drives the avatar, or a plugin says that one does."""
        shown = self._mixer.latest
        return time < self._face_until or (shown is not None and shown.tracked)

    def forget(self, plugin: str) -> None:
        """The plugin has gone: what it wrote fades, its tint is taken off."""
        self._mixer.clear(plugin)
        self.placement.forget(plugin)
