"""Datagrams as phones and other trackers send them, made from the specifications: of a head that turns, and blendshapes."""

import json
import socket
import struct
from collections.abc import Callable

import numpy as np

Turn = tuple[float, float, float]
"""Degrees: yaw, pitch, roll, in the conventions of liveavatar.controls: to the right of the picture, up, clockwise as seen."""


def vts_phone(turn: Turn, shapes: dict[str, float]) -> list[bytes]:
    yaw, pitch, roll = turn
    return [
        json.dumps(
            {
                "Timestamp": 1700000000000,
                "Hotkey": -1,
                "FaceFound": True,
                "Rotation": {"x": yaw, "y": pitch, "z": roll},
                "Position": {"x": 0.0, "y": 0.0, "z": -1.0},
                "EyeLeft": {"x": 0.0, "y": 0.0, "z": 0.0},
                "EyeRight": {"x": 0.0, "y": 0.0, "z": 0.0},
                "BlendShapes": [
                    {"k": name[0].upper() + name[1:], "v": value}
                    for name, value in {**shapes, "aNewOne": 0.5}.items()
                ],
                "SomethingNew": [1, 2],
            }
        ).encode()
    ]


def facial_mocap(turn: Turn, shapes: dict[str, float], between: str = "-", short: bool = True) -> list[bytes]:
    yaw, pitch, roll = turn
    fields = []
    for name, value in shapes.items():
        if short and name not in ("mouthLeft", "mouthRight", "jawLeft", "jawRight"):
            name = name.replace("Left", "_L").replace("Right", "_R")
        fields.append(f"{name}{between}{round(100 * value)}|")
    head = f"=head#{-pitch:.6f},{yaw:.6f},{-roll:.6f},-0.03,-0.10,-0.66|"
    return [("".join(fields) + "hapihapi-0|" + head + "rightEye#0.1,0.2,0.0|leftEye#0.1,0.2,0.0|").encode()]


def facial_mocap_2(turn: Turn, shapes: dict[str, float]) -> list[bytes]:
    return facial_mocap(turn, shapes, "&", False)


def vmc(turn: Turn, shapes: dict[str, float]) -> list[bytes]:
    yaw, pitch, roll = np.radians(turn)
    # Unity's z, x, y order; the model looks along +z, so its right is left in the picture.
    head = _times(_about(1, -yaw), _times(_about(0, -pitch), _about(2, roll)))
    first = [
        osc("/VMC/Ext/OK", 1, 3, 0, 1),
        osc("/VMC/Ext/T", 1.0),
        osc("/VMC/Ext/Bone/Pos", "Neck", 0.0, 0.1, 0.0, 0.0, 0.0, 0.0, 1.0),
    ]
    second = [osc("/VMC/Ext/Bone/Pos", "Head", 0.0, 0.1, 0.0, *head)]
    second += [osc("/VMC/Ext/Blend/Val", name, value) for name, value in shapes.items()]
    second += [osc("/VMC/Ext/Blend/Apply")]
    return [bundle(first), bundle(second)]


def open_see_face(turn: Turn, shapes: dict[str, float]) -> list[bytes]:
    yaw, pitch, roll = np.radians(turn)
    to_picture = np.array([[0, 1, 0], [-1, 0, 0], [0, 0, -1]], float)
    ahead = np.array([[0, -1, 0], [-1, 0, 0], [0, 0, -1]], float)
    # A right-handed head's turn in the picture's axes, as a matrix, then as OpenSeeFace has it.
    turned = _matrix(_times(_about(1, yaw), _times(_about(0, -pitch), _about(2, -roll))))
    rotation = to_picture.T @ turned @ to_picture @ ahead
    x, y, z, w = _quaternion(rotation)
    side = {s: shapes.get("mouthSmile" + s, 0.0) for s in ("Left", "Right")}
    features = [0.0] * 8 + [side["Left"], 0.0, side["Right"], 0.0, shapes.get("jawOpen", 0.0), 0.0]
    points = [0.0] * (66 * 3) + [0.26, 0.28, -0.17, -0.26, 0.28, -0.17, 0.26, 0.28, -0.25, -0.26, 0.28, -0.25]
    data = struct.pack(
        "<di2f2f", 1.0, 0, 640, 480, 1 - shapes.get("eyeBlinkRight", 0), 1 - shapes.get("eyeBlinkLeft", 0)
    )
    data += struct.pack("<?f4f3f3f", True, 5.0, -x, -y, -z, w, 180.0, 0.0, 90.0, 0.0, 0.0, 4.0)
    data += struct.pack("<68f", *[1.0] * 68) + struct.pack("<136f", *[1.0] * 136)
    return [data + struct.pack("<210f", *points) + struct.pack("<14f", *features)]


PACKETS: dict[str, Callable[[Turn, dict[str, float]], list[bytes]]] = {
    "vts-phone": vts_phone,
    "ifacialmocap": facial_mocap,
    "facemotion3d": facial_mocap_2,
    "vmc": vmc,
    "openseeface": open_see_face,
}


def free_port() -> int:
    """Of UDP, on this machine."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def osc(address: str, *values: str | float) -> bytes:
    types, data = ",", b""
    for value in values:
        if isinstance(value, str):
            types, data = types + "s", data + _padded(value)
        elif isinstance(value, int):
            types, data = types + "i", data + struct.pack(">i", value)
        else:
            types, data = types + "f", data + struct.pack(">f", value)
    return _padded(address) + _padded(types) + data


def bundle(messages: list[bytes]) -> bytes:
    return b"#bundle\0" + struct.pack(">Q", 1) + b"".join(struct.pack(">i", len(m)) + m for m in messages)


def _padded(text: str) -> bytes:
    data = text.encode()
    return data + b"\0" * (4 - len(data) % 4)


def _about(axis: int, angle: float) -> tuple[float, float, float, float]:
    vector = [0.0, 0.0, 0.0]
    vector[axis] = float(np.sin(angle / 2))
    return (*vector, float(np.cos(angle / 2)))  # type: ignore[return-value]


def _times(p: tuple[float, ...], q: tuple[float, ...]) -> tuple[float, float, float, float]:
    (a, b, c, d), (x, y, z, w) = p, q
    return (
        d * x + a * w + b * z - c * y,
        d * y - a * z + b * w + c * x,
        d * z + a * y - b * x + c * w,
        d * w - a * x - b * y - c * z,
    )


def _matrix(q: tuple[float, ...]) -> np.ndarray:
    inverse = (-q[0], -q[1], -q[2], q[3])
    columns = [_times(_times(q, (*np.eye(3)[i], 0.0)), inverse)[:3] for i in range(3)]
    return np.array(columns).T


def _quaternion(m: np.ndarray) -> tuple[float, float, float, float]:
    """Of a rotation by about half a turn, where w is small: from the symmetric part."""
    _, vectors = np.linalg.eigh((m + m.T) / 2)
    axis = vectors[:, 2]
    cosine = (np.trace(m) - 1) / 2
    sine = float(axis @ [m[2, 1] - m[1, 2], m[0, 2] - m[2, 0], m[1, 0] - m[0, 1]]) / 2
    half = np.arctan2(sine, cosine) / 2
    return (*(axis * np.sin(half)), float(np.cos(half)))  # type: ignore[return-value]
