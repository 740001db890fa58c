"""The results page's section on the output's size and rate, and on what puts the layers together."""

from typing import Any

from benchmarks.suite.markdown import cell, spread, table
from liveavatar.language import tr


def section(outputs: dict[str, Any]) -> str:
    """Two tables and a remark, in the language of liveavatar.language. outputs: of outputs.measure()."""
    measured = {way: rows for way, rows in outputs.items() if "not_measured" not in rows}
    missing = [
        f"- {way}: {tr('not measured', '未测量')}: {cell(rows['not_measured'])}"
        for way, rows in outputs.items()
        if way not in measured
    ]
    told = tr(
        "What puts the layers together: `--draw`. To draw: from an expression to the picture at the output's size, nothing "
        "beside it. Shows: the camera's 30 pictures a second, tracked; cores: processor seconds a second of the whole program. "
        "Judder: 0 = even steps; in brackets with each picture sent twice.",
        "“绘制方式”即 `--draw`。绘制耗时：从表情到输出尺寸的画面，不同时做其他事。运行：摄像头每秒 30 幅，全部跟踪；"
        "“核心”为整个程序每秒占用的处理器秒数。抖动：0 = 步长均匀；括号内为每幅画面发送两次。",
    )
    return "\n\n".join(
        [_drawing(measured), _shows(measured), *(["\n".join(missing)] if missing else []), told]
    )


def _drawing(measured: dict[str, Any]) -> str:
    sizes = list(next(iter(measured.values())))
    rows = [[way, *(spread(found[size]["draw_ms"]) for size in sizes)] for way, found in measured.items()]
    return table([tr("to draw, ms median / p95", "绘制，毫秒 中位 / p95"), *sizes], rows)


def _shows(measured: dict[str, Any]) -> str:
    heading = [
        tr("drawn by, size, fps", "绘制方式、尺寸、fps"), tr("age p50 / p95 / p99, ms", "延迟 p50 / p95 / p99，毫秒"),
        tr("sent a second", "每秒发送"), tr("cores", "核心"), tr("stalls", "卡顿"), tr("judder", "抖动"),
    ]  # fmt: skip
    rows = [
        [
            f"{way}, {size}, {fps}", spread(row[fps]["age_ms"]), f"{row[fps]['sent_fps']:.1f}", f"{row[fps]['cores']:.2f}",
            row[fps]["stalls"], _judder(row[fps]),
        ]
        for way, found in measured.items()
        for size, row in found.items()
        for fps in ("30", "60")
    ]  # fmt: skip
    return table(heading, rows)


def _judder(show: dict[str, Any]) -> str:
    return f"{show['judder']:.2f} ({show['judder_repeating']:.2f})" if "judder" in show else ""
