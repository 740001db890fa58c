"""Trackers outside this program, on a phone or on this machine: what they send by UDP, in place of a camera and a tracker."""

import ipaddress
import re
from dataclasses import dataclass
from importlib import import_module

from liveavatar.errors import TrackerError
from liveavatar.language import tr
from liveavatar.trackers.senders.reading import Reader

SENDERS: dict[str, str] = {
    "vts-phone": "liveavatar.trackers.senders.vts_phone:VTSPhone",
    "ifacialmocap": "liveavatar.trackers.senders.facial_mocap:IFacialMocap",
    "facemotion3d": "liveavatar.trackers.senders.facial_mocap:FaceMotion3D",
    "vmc": "liveavatar.trackers.senders.vmc:VMC",
    "openseeface": "liveavatar.trackers.senders.open_see_face:OpenSeeFace",
}
"""Name -> "module:Class" of its Reader, imported on use."""


@dataclass(frozen=True)
class Sender:
    """Who is listened to."""

    name: str
    """Of SENDERS."""
    host: str = ""
    """The only address that is listened to; empty for programs on this machine."""
    port: int = 0
    """0: the usual one."""

    def reader(self) -> Reader:
        """A new reader of what it sends."""
        module, cls = SENDERS[self.name].split(":")
        reader: Reader = getattr(import_module(module), cls)()
        return reader


def parse_sender(text: str) -> Sender:
    """What "NAME[@HOST][:PORT]" names. Raises TrackerError."""
    form = re.fullmatch(r"([^@:]*)(?:@([^@:]*))?(?::([0-9]{1,5}))?", text.strip())
    name, host, port = form.groups() if form else ("", None, None)
    if form is None or name not in SENDERS or host == "" or not 0 <= int(port or 1) <= 65535:
        kinds = ", ".join(("mediapipe", *SENDERS))
        raise TrackerError(
            tr(
                f"expected NAME[@HOST][:PORT], NAME one of {kinds}, such as vts-phone@192.168.1.20; got {text[:100]!r}",
                f"应为 名称[@地址][:端口]，名称为 {kinds} 之一，例如 vts-phone@192.168.1.20；实际为 {text[:100]!r}",
            )
        )
    sender = Sender(name, host or "", int(port or 0))
    if host:
        require_near(host)
    elif sender.reader().asked:
        raise TrackerError(
            tr(
                f"the phone must be asked: give its address, which its app or its Wi-Fi settings show, such as "
                f"--tracker {name}@192.168.1.20",
                f"需要向手机请求数据：请填写手机的地址（应用或 Wi-Fi 设置中可查），例如 --tracker {name}@192.168.1.20",
            )
        )
    return sender


def require_near(host: str) -> None:
    """Raise TrackerError for what is no address in the user's own network."""
    try:
        address = ipaddress.IPv4Address(host)
        near = address.is_private and not address.is_unspecified
    except ValueError:
        near = False
    if not near:
        raise TrackerError(
            tr(
                f"expected an address in your own network such as 192.168.1.20, got {host[:100]!r}",
                f"应为您自己网络中的地址，例如 192.168.1.20，实际为 {host[:100]!r}",
            )
        )
