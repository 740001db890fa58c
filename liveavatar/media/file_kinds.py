"""What a file is, by its first bytes: for the message about one that cannot be used."""

import re

from liveavatar.language import Text, tr

HEAD = 2048
"""How many bytes are looked at."""


def picture_format(data: bytes) -> str | None:
    """Pillow's name of a picture format that is read here; None for anything else."""
    if data[:8] == b"\x89PNG\r\n\x1a\n":
        return "PNG"
    if data[:3] == b"\xff\xd8\xff":
        return "JPEG"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    if data[:6] in (b"GIF87a", b"GIF89a"):
        return "GIF"
    if data[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+") and data[8:10] != b"CR":
        return "TIFF"
    if data[:2] == b"BM" and len(data) > 26:
        return "BMP"
    if _brands(data) & {b"avif", b"avis"}:
        return "AVIF"
    return None


def describe(data: bytes) -> tuple[str, str]:
    """What the file is and what to do so that it can be read as a picture; both in the user's language."""
    if not data.strip(b"\0"):
        return tr("empty", "空文件"), tr("Copy or download it again", "请重新复制或下载")
    return _of_a_camera(data) or _of_a_program(data[:HEAD]) or _of_text(data[:HEAD])


def _export() -> str:
    return tr("Export it as PNG or JPEG there", "请在相应软件中导出为 PNG 或 JPEG")


def _of_a_camera(data: bytes) -> tuple[str, str] | None:
    """Pictures and videos as cameras write them."""
    brands, head = _brands(data), data[:HEAD]
    if brands & {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}:
        return (
            tr("a HEIC picture, as iPhones take them", "HEIC 图片（iPhone 的格式）"),
            tr(
                "Save it as JPEG (open it, then export or share it as JPEG). iPhones take JPEG from then on with Settings, "
                "Camera, Formats, Most Compatible",
                "请另存为 JPEG（打开后导出或以 JPEG 分享）。iPhone 可在“设置-相机-格式”中选“兼容性最佳”，之后即拍摄 JPEG",
            ),
        )
    if brands & {b"crx "} or _RAW.match(head):
        return tr("a camera's raw picture", "相机 RAW 原片"), tr(
            "Develop it to JPEG with the camera's program", "请用相机软件转换为 JPEG"
        )
    if brands or _VIDEO.match(head) or (head[:1] == b"G" and head[188:189] == b"G"):
        return tr("a video", "视频"), tr(
            "Save one frame of it as PNG, or play it with --camera",
            "请将其中一帧存为 PNG，或用 --camera 播放",
        )
    return None


def _of_a_program(head: bytes) -> tuple[str, str] | None:
    """What _KINDS lists."""
    for pattern, what, todo in _KINDS:
        if re.match(pattern, head, re.DOTALL):
            return tr(what.en, what.zh), tr(todo.en, todo.zh) if todo else _export()
    return None


def _of_text(head: bytes) -> tuple[str, str]:
    """Texts, and what is unknown."""
    text = _text(head)
    if text is None:
        return tr("of an unknown kind", "未知类型的文件"), tr(
            "Give a PNG, JPEG or WebP file that other programs open",
            "请给出其他程序能打开的 PNG、JPEG 或 WebP 文件",
        )
    if "<svg" in text:
        return tr("an SVG drawing", "SVG 矢量图"), _export()
    if re.search(r"<(!doctype\s+html|html|head|body)\b", text.lower()):
        return tr("a web page, not the picture in it", "网页，而不是其中的图片"), tr(
            "Save the picture itself: right click, Save image as", "请保存图片本身：右键，图片另存为"
        )
    return tr("a text", "文本文件"), tr("Give a PNG, JPEG or WebP file", "请给出 PNG、JPEG 或 WebP 文件")


def _brands(data: bytes) -> set[bytes]:
    """The brands of an ISO media file (HEIC, AVIF, MP4); empty for any other."""
    if data[4:8] != b"ftyp":
        return set()
    end = min(int.from_bytes(data[:4], "big"), 256, len(data))
    return {data[8:12], *(data[i : i + 4] for i in range(16, end - 3, 4))}


def _text(head: bytes) -> str | None:
    """The beginning of a text; None where it is none."""
    encoding = "utf-16" if head[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = head[: len(head) - 4 if len(head) == HEAD else None].decode(encoding, "strict")
    except UnicodeDecodeError as error:
        if error.end < len(head) - 4:
            return None
        text = head[: error.start].decode(encoding, "replace")
    return None if re.search(r"[\0-\x08\x0e-\x1a]", text) else text


_RAW = re.compile(rb"(II\*\0....CR|FUJIFILMCCD-RAW|II(RO|RS|U\0)|MMOR|FOVb|\0MRM)", re.DOTALL)
_VIDEO = re.compile(
    rb"(\x1aE\xdf\xa3|RIFF....AVI |FLV\x01|\0\0\x01[\xba\xb3]|....(moov|mdat|free|wide))", re.DOTALL
)
_KINDS: tuple[tuple[bytes, Text, Text | None], ...] = (
    (rb"8BPS", Text("a Photoshop file", "Photoshop 文件"), None),
    (rb"gimp xcf", Text("a GIMP file", "GIMP 文件"), None),
    (rb"CSFCHUNK", Text("a Clip Studio file", "Clip Studio 文件"), None),
    (rb"PK\x03\x04.{26}mimetypeapplication/x-krita", Text("a Krita file", "Krita 文件"), None),
    (rb"PK\x03\x04.{26}mimetypeimage/openraster", Text("an OpenRaster file", "OpenRaster 文件"), None),
    (
        rb"(PK\x03\x04|PK\x05\x06|Rar!|7z\xbc\xaf|\x1f\x8b|\xfd7zXZ)",
        Text("an archive", "压缩包"),
        Text(
            "Unpack it first; an avatar's .zip is for: liveavatar avatars install",
            "请先解压；形象的 .zip 请用 install 命令安装",
        ),
    ),
    (rb"%PDF", Text("a PDF", "PDF 文件"), None),
    (rb"%!PS", Text("a PostScript drawing", "PostScript 文件"), None),
    (rb"(\xff\x0a|\0\0\0\x0cJXL )", Text("a JPEG XL picture", "JPEG XL 图片"), None),
    (rb"(\0\0\0\x0cjP|\xffO\xffQ)", Text("a JPEG 2000 picture", "JPEG 2000 图片"), None),
    (rb"(qoif|DDS |v/1\x01|#\?R|\0\0[\x01\x02]\0.\0|P[1-7]\s|icns)", Text("a picture of a rare kind", "少见格式的图片"), None),
    (rb"(MOC3|glTF|BLENDER|Kaydara FBX)", Text("a model, not a picture", "模型文件，而不是图片"), None),
    (rb"(ID3|OggS|fLaC|RIFF....WAVE|\xff[\xfb\xf3\xf2])", Text("a sound file", "声音文件"), Text("Give a picture", "请给出图片")),
    (rb"(MZ|\x7fELF)", Text("a program", "程序文件"), Text("Give a picture", "请给出图片")),
)  # fmt: skip
"""The first bytes, what it is, and what to do where that is not to export it."""
