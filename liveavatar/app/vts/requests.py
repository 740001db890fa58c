"""What a plugin can ask, and who answers: one table. Reads no clock.

What an avatar has not, such as items or art meshes, is answered as VTube Studio answers for a model that has none, or refused
with the number that it would refuse with.
"""

import base64
import binascii
from collections.abc import Callable
from typing import Protocol

from liveavatar.app.vts.consent import Plugin
from liveavatar.app.vts.placement import ART_MESH
from liveavatar.app.vts.protocol import VTS_VERSION, Data, Refused, Wrong, text
from liveavatar.app.vts.stage import Stage

ICON = 128
"""Pixels of a plugin's icon, across and down."""


class Asker(Protocol):
    """A connection, as its requests see it."""

    plugin: Plugin | None
    """Who it is; None before it has authenticated."""
    stage: Stage

    @property
    def key(self) -> str:
        """Tells it from others in the mixer."""
        ...

    def ask_user(self, data: Data) -> None:
        """AuthenticationToken: answers later."""
        ...

    def authenticate(self, data: Data) -> Data:
        """Authentication's answer."""
        ...

    def subscribe(self, data: Data) -> Data:
        """EventSubscription's answer."""
        ...

    def plugins(self) -> tuple[int, int]:
        """How many are allowed, and connected."""
        ...


Answer = Callable[[Asker, Data, float], Data | None]
"""The answer's data, of (who asks, the request's data, time in seconds); None: it comes later. Raises Refused."""


def answer(kind: str, asker: Asker, data: Data, time: float) -> Data | None:
    """The answer to a request. Raises Refused."""
    if kind not in REQUESTS:
        raise Refused(Wrong.TYPE_UNKNOWN, f"There is no request {kind[:60]!r}.")
    if asker.plugin is None and kind not in BEFORE:
        raise Refused(Wrong.NO_AUTHENTICATION, "Authenticate first.")
    return REQUESTS[kind](asker, data, time)


def check_icon(icon: object) -> None:
    """Raise Refused for what is no picture of 128 by 128 pixels; none is well. It is not kept and not decoded."""
    wrong = Refused(Wrong.PLUGIN_ICON, f"pluginIcon must be base64 of a PNG or JPG of {ICON}x{ICON} pixels.")
    if icon is None or icon == "":
        return
    if not isinstance(icon, str):
        raise wrong
    try:
        data = base64.b64decode(icon, validate=True)
    except (binascii.Error, ValueError) as error:
        raise wrong from error
    size = ICON.to_bytes(4, "big")
    png = data.startswith(b"\x89PNG\r\n\x1a\n") and data[16:24] == size + size
    if not (png or data.startswith(b"\xff\xd8\xff")):
        raise wrong


def _state(asker: Asker, data: Data, time: float) -> Data:
    return {
        "active": True,
        "vTubeStudioVersion": VTS_VERSION,
        "currentSessionAuthenticated": asker.plugin is not None,
    }


def _statistics(asker: Asker, data: Data, time: float) -> Data:
    allowed, connected = asker.plugins()
    width, height = asker.stage.size
    return {
        "uptime": int(1000 * asker.stage.report.seconds),
        "framerate": round(asker.stage.report.fps),
        "vTubeStudioVersion": VTS_VERSION,
        "allowedPlugins": allowed,
        "connectedPlugins": connected,
        "startedWithSteam": False,
        "windowWidth": width,
        "windowHeight": height,
        "windowIsFullscreen": False,
    }


def _create(asker: Asker, data: Data, time: float) -> Data:
    return {"parameterName": asker.stage.parameters.create(asker.key, data)}


def _delete(asker: Asker, data: Data, time: float) -> Data:
    return {"parameterName": asker.stage.parameters.delete(asker.key, data)}


def _permission(asker: Asker, data: Data, time: float) -> Data:
    wanted = text(data.get("requestedPermission"))
    return {
        "grantSuccess": not wanted,
        "requestedPermission": wanted,
        "permissions": [{"name": "LoadCustomImagesAsItems", "granted": False}],
    }


def _items(asker: Asker, data: Data, time: float) -> Data:
    empty = ("availableSpots", "itemInstancesInScene", "availableItemFiles")
    return {
        "itemsInSceneCount": 0,
        "totalItemsAllowedCount": 0,
        "canLoadItemsRightNow": False,
        **{key: [] for key in empty},
    }


def _parameters_of_model(asker: Asker, data: Data, time: float) -> Data:
    return {**asker.stage.named(), "parameters": []}


def _overlay(asker: Asker, data: Data, time: float) -> Data:
    return {
        "active": False,
        "itemsIncluded": False,
        "isWindowCapture": False,
        "baseBrightness": 0,
        "colorBoost": 0,
        "smoothing": 0,
        "colorOverlayR": 0,
        "colorOverlayG": 0,
        "colorOverlayB": 0,
        "colorAvgR": 0,
        "colorAvgG": 0,
        "colorAvgB": 0,
        "leftCapturePart": _PART,
        "middleCapturePart": _PART,
        "rightCapturePart": _PART,
    }


_PART = {"active": False, "colorR": 0, "colorG": 0, "colorB": 0}


def _fixed(data: Data) -> Answer:
    return lambda asker, asked, time: dict(data)


def _refused(number: Wrong, what: str) -> Answer:
    def refuse(asker: Asker, data: Data, time: float) -> Data:
        raise Refused(number, what)

    return refuse


_FOLDERS = {"models": "", "backgrounds": "", "items": "", "config": "", "logs": "", "backup": ""}
_NO_ITEMS = _refused(Wrong.ITEMS, "There are no items in liveavatar.")

REQUESTS: dict[str, Answer] = {
    "APIState": _state,
    "AuthenticationToken": lambda asker, data, time: asker.ask_user(data),
    "Authentication": lambda asker, data, time: asker.authenticate(data),
    "Statistics": _statistics,
    "CurrentModel": lambda asker, data, time: asker.stage.model(time),
    "AvailableModels": lambda asker, data, time: asker.stage.models(),
    "ModelLoad": lambda asker, data, time: asker.stage.load(data, time),
    "MoveModel": lambda asker, data, time: asker.stage.placement.move(data, time),
    "HotkeysInCurrentModel": lambda asker, data, time: asker.stage.keys(data),
    "HotkeyTrigger": lambda asker, data, time: asker.stage.press(data, time),
    "ExpressionState": lambda asker, data, time: asker.stage.expressions(data),
    "ExpressionActivation": lambda asker, data, time: asker.stage.activate(data),
    "FaceFound": lambda asker, data, time: {"found": asker.stage.face_found(time)},
    "InputParameterList": lambda asker, data, time: {
        **asker.stage.named(),
        **asker.stage.parameters.listed(time),
    },
    "ParameterValue": lambda asker, data, time: asker.stage.parameters.value(data, time),
    "ParameterCreation": _create,
    "ParameterDeletion": _delete,
    "InjectParameterData": lambda asker, data, time: asker.stage.inject(asker.key, data, time),
    "ColorTint": lambda asker, data, time: asker.stage.placement.tint(asker.key, data),
    "EventSubscription": lambda asker, data, time: asker.subscribe(data),
    # What an avatar has not.
    "VTSFolderInfo": _fixed(_FOLDERS),
    "ArtMeshList": lambda asker, data, time: {
        "modelLoaded": True,
        "numberOfArtMeshNames": 1,
        "numberOfArtMeshTags": 0,
        "artMeshNames": [ART_MESH],
        "artMeshTags": [],
    },
    "Live2DParameterList": _parameters_of_model,
    "ItemList": _items,
    "SceneColorOverlayInfo": _overlay,
    "GetCurrentModelPhysics": lambda asker, data, time: {
        **asker.stage.named(),
        "modelHasPhysics": False,
        "physicsSwitchedOn": False,
        "usingLegacyPhysics": False,
        "physicsFPSSetting": -1,
        "baseStrength": 0,
        "baseWind": 0,
        "apiPhysicsOverrideActive": False,
        "apiPhysicsOverridePluginName": "",
        "physicsGroups": [],
    },
    "PostProcessingList": _fixed(
        {
            "postProcessingSupported": False,
            "postProcessingActive": False,
            "canSendPostProcessingUpdateRequestRightNow": False,
            "restrictedEffectsAllowed": False,
            "presetIsActive": False,
            "activePreset": "",
            "presetCount": 0,
            "activeEffectCount": 0,
            "effectCountBeforeFilter": 0,
            "configCountBeforeFilter": 0,
            "effectCountAfterFilter": 0,
            "configCountAfterFilter": 0,
            "postProcessingEffects": [],
            "postProcessingPresets": [],
        }
    ),
    "NDIConfig": _fixed({"setNewConfig": False, "ndiActive": False, "useNDI5": False, "useCustomResolution": False,
                         "customWidthNDI": -1, "customHeightNDI": -1}),
    "Permission": _permission,
    "ItemLoad": _NO_ITEMS,
    "ItemUnload": _fixed({"unloadedItems": []}),
    "ItemMove": _fixed({"movedItems": []}),
    "ItemPin": _refused(Wrong.ITEM_PIN, "There are no items in liveavatar."),
    "SetCurrentModelPhysics": _refused(Wrong.PHYSICS, "The avatar has no physics that could be set."),
    "ArtMeshSelection": _refused(Wrong.ART_MESHES, "The avatar has no art meshes."),
    "PostProcessingUpdate": _refused(Wrong.EFFECTS, "There are no effects in liveavatar."),
}  # fmt: skip
"""By the message's type without "Request"."""
BEFORE = ("APIState", "AuthenticationToken", "Authentication")
"""What is answered to anybody."""
