"""The results page in words and tables, in the language of liveavatar.language; the pictures are charts.py's."""

from typing import Any

from benchmarks.suite import page_outputs, steady
from benchmarks.suite.markdown import cell, spread, table
from liveavatar.language import language, tr

NAMES = {"en": "results.md", "zh": "results.zh-CN.md"}
"""File of the page in each language."""


def page(result: dict[str, Any], pictures: list[str]) -> str:
    """The page in Markdown. result: of __main__.measure(). pictures: names of the files beside the page."""

    def picture(name: str, alt: str) -> str:
        return f"![{alt}]({name}.png)" if f"{name}.png" in pictures else ""

    sections = [
        _head(result),
        _figures(result),
        tr("## Latency", "## 延迟"),
        picture("latency", tr("age of every picture", "每帧画面的延迟")),
        _latency(result),
        tr("## Steadiness", "## 稳定性"),
        _steady(result),
        tr("## Throughput and stages", "## 吞吐与各阶段"),
        picture("stages", tr("milliseconds of each stage", "各阶段毫秒数")),
        _stages(result),
        tr("## Start-up", "## 启动"),
        picture("startup", tr("what happens when", "启动过程")),
        _startup(result),
        tr("## Quality", "## 画质"),
        _quality(result),
        *(picture(f"quality-{name}", tr(f"{name} beside its teacher", f"{name} 与教师画面")) for name in result["quality"]),
        tr("## Output: size, rate, what draws", "## 输出：尺寸、帧率、绘制方式"),
        page_outputs.section(result["outputs"]),
        tr("## Size and threads", "## 尺寸与线程"),
        picture("scaling", tr("network and compositor by size", "网络与合成随尺寸的变化")),
        _scaling(result),
        tr("## Providers", "## 计算设备"),
        picture("providers", tr("network and compositor by provider", "各计算设备的网络与合成")),
        _providers(result),
        _foot(pictures),
    ]  # fmt: skip
    return "\n\n".join(section for section in sections if section) + "\n"


def _head(result: dict[str, Any]) -> str:
    machine, size = result["machine"], "x".join(str(side) for side in result["size"])
    other = next(code for code in NAMES if code != language())
    load = result["load_before"]
    busy = "-" if load is None else f"{load:.2f}"
    rows = [
        [tr("processor", "处理器"), f"{machine['cpu']}, {machine['cores']} " + tr("cores", "核")],
        [tr("memory, system", "内存、系统"), f"{machine['memory_gb']} GB, {machine['system']}"],
        [tr("load before (1 a core)", "测前负载（每核为 1）"), busy],
        [tr("avatar", "形象"), f"{result['avatar']}, {size}, {result['precision']}, {result['provider']}"],
        [tr("drawn by", "绘制"), result["gpu"] or "CPU"],
        [tr("clip", "视频"), result["clip"]],
        [tr("versions", "版本"), ", ".join(f"{name} {version}" for name, version in result["versions"].items())],
        [tr("commit, date", "提交、日期"), f"{result['commit']}, {result['date']}"],
        [tr("command", "命令"), f"`{result['command']}`"],
    ]  # fmt: skip
    return "\n\n".join(
        [
            tr("# Benchmark results", "# 性能测试结果"),
            f"[{tr('中文', 'English')}]({NAMES[other]}) · [results.json](results.json) · "
            + tr("what is measured: docs/metrics.md", "指标说明：docs/metrics.md"),
            table([tr("circumstance", "条件"), ""], rows),
        ]
    )  # fmt: skip


def _figures(result: dict[str, Any]) -> str:
    age, peak, smooth = result["age_ms"], result["peak_rss_mb"], result["fps60"]
    lost = f"{result['stalls']}, {sum(result['drops'].values())}"
    rows: list[list[Any]] = [
        [
            tr("throughput ratio (1 = as fast as tracking alone)", "吞吐比（1 = 与单独跟踪一样快）"),
            f"{result['throughput_ratio']:.2f}",
        ],
        [
            tr("whole line, tracking alone", "全流程、单独跟踪"),
            f"{result['fps']:.0f}, {result['tracker_fps']:.0f} fps",
        ],
        [tr("age p50 / p95 / p99", "画面延迟 p50 / p95 / p99"), f"{spread(age)} ms"],
        [tr("OBS: Sync Offset of the microphone", "OBS：麦克风的同步偏移"), f"{age['p50']:.0f} ms"],
        [
            tr("at 60 fps: age p50 / p95 / p99", "60 fps：画面延迟 p50 / p95 / p99"),
            f"{spread(smooth['age_ms'])} ms",
        ],
        [
            tr(
                "at 60 fps: judder (0 = even steps), each picture twice",
                "60 fps：抖动（0 = 步长均匀）、每幅画面发送两次",
            ),
            f"{smooth['judder']:.2f}, {smooth['judder_repeating']:.2f}",
        ],
        [
            tr("stalls, drops", "卡顿、丢弃"),
            tr(f"{lost} in {result['age_frames']} pictures", f"{lost}（共 {result['age_frames']} 帧）"),
        ],
        [
            tr("network and compositor, median / p95", "网络与合成，中位 / p95"),
            f"{spread(result['render_ms'])} ms",
        ],
        [
            tr("the same while tracking", "同上，跟踪同时进行"),
            f"{spread(result['render_ms_while_tracking'])} ms",
        ],
        [tr("CPU a picture", "每帧 CPU 时间"), f"{1000 * result['cpu_s_per_frame']:.1f} ms"],
        [tr("peak memory", "峰值内存"), None if peak is None else f"{peak:.0f} MB"],
        [
            tr("cold process to first picture", "冷启动到首帧"),
            f"{result['startup']['first_picture_s']:.1f} s",
        ],
    ]
    return tr("## At a glance", "## 概览") + "\n\n" + table([tr("figure", "指标"), ""], rows)


def _latency(result: dict[str, Any]) -> str:
    found = result["latency"]
    rows = [
        [label, *(f"{age:.1f}" for age in found[ages].values()), found[count]]
        for label, ages, count in (
            (tr("clock in the pixels", "像素中的时钟"), "pixel_age_ms", "pixel_frames"),
            (tr("the program's own age", "程序自报的延迟"), "age_ms", "age_frames"),
        )
    ]
    median, worst = found["apart_ms"].values()
    stalls, drops, rate = found["stalls"], sum(found["drops"].values()), found["sent_fps"]
    told = tr(
        "The source is paced at 30 fps. The time of capture is drawn into the camera's pixels below the face, read from them by "
        "the tracker, drawn into the avatar's picture and read back from the composited output. The program's own age comes "
        f"from the time stamp that travels beside the picture. For the same picture the two are {median} ms apart (median; "
        f"worst {worst}), the drawing of the clock included. In this run: {stalls} stalls, {drops} pictures replaced by newer "
        f"ones, {rate} sent a second. Triangles are ages beyond the chart.",
        "信号源固定为 30 帧/秒。采集时刻画在摄像头画面人脸下方的像素里，由跟踪器从像素中读出，再画进形象画面，"
        "最后从合成后的输出中读回；程序自报的延迟则来自随画面传递的时间戳。"
        f"同一帧的两个结果相差 {median} 毫秒（中位；最大 {worst}），其中包含绘制时钟的时间。"
        f"本次：卡顿 {stalls}，被更新画面取代 {drops} 帧，每秒发送 {rate} 帧。三角形表示超出图表范围的值。",
    )
    return table(["ms", "p50", "p95", "p99", tr("pictures", "帧数")], rows) + "\n\n" + told


def _steady(result: dict[str, Any]) -> str:
    chinese = dict(
        zip(
            steady.STEPS,
            ("启动，模型加载中", "有人脸", "人脸丢失", "摄像头卡住", "人脸恢复", "更换形象", "正在录像"),
            strict=True,
        )
    )
    rows = [
        [tr(name, chinese[name]), f"{row['longest_gap_ms']:.0f}"] for name, row in result["steady"].items()
    ]
    limit = steady.LIMIT_MS
    told = tr(
        f"The longest gap between two pictures sent. OBS starts a stream anew when nothing came for {limit} ms.",
        f"两次发送之间的最长间隔。若 {limit} 毫秒内没有画面，OBS 会重新开始该视频流。",
    )
    return table([tr("while", "情况"), tr("longest gap, ms", "最长间隔，毫秒")], rows) + "\n\n" + told


def _stages(result: dict[str, Any]) -> str:
    rows = [[name, *(f"{ms:.1f}" for ms in values.values())] for name, values in result["stage_ms"].items()]
    told = tr(
        "One after the other in one thread. Live, tracking and rendering run side by side.",
        "各阶段在同一线程中依次执行；实时运行时跟踪与渲染并行。",
    )
    return table(["ms", tr("median", "中位"), "p95"], rows) + "\n\n" + told


def _startup(result: dict[str, Any]) -> str:
    found = result["startup"]
    runs = ", ".join(f"{seconds:.2f}" for seconds in found["all_s"])
    return tr(
        f"{len(found['all_s'])} new processes took {runs} s; the picture shows the middle one. Files may lie in the system's "
        "disk cache; the first start after a reboot is longer. The face model and the avatar load side by side while the output "
        "already runs.",
        f"{len(found['all_s'])} 个新进程分别用时 {runs} 秒，图中为居中的一次。文件可能已在系统磁盘缓存中，开机后首次启动会更久。"
        "人脸模型与形象同时加载，此时输出已在运行。",
    )


def _quality(result: dict[str, Any]) -> str:
    rows = []
    for name, row in result["quality"].items():
        for source, label in (("card", tr("card", "说明文件")), ("measured", tr("measured now", "本次测量"))):
            found = row[source]
            if found is None:
                rows.append([name, label, *[None] * 6])
                continue
            psnr = found["psnr"]
            rows.append([
                name, label, psnr["frame"], psnr["head"], psnr["crops"], found["ssim_head"], found["sharpness"], found["n"],
            ])  # fmt: skip
    heading = [
        tr("avatar", "形象"), "", tr("frame, dB", "全帧 dB"), tr("head, dB", "头部 dB"), tr("eyes and mouth, dB", "眼与嘴 dB"),
        tr("SSIM of the head", "头部 SSIM"), tr("sharpness", "清晰度"), "n",
    ]  # fmt: skip
    told = tr(
        "Against the teacher's frame for the same held-out expression. The card's figures are those of `liveavatar evaluate` on "
        "all held-out expressions, the others of their first n on this machine.",
        "与教师画面在相同的未训练表情下比较。说明文件中的数据来自 `liveavatar evaluate` 的全部表情；本次测量只用其中前 n 个。",
    )
    why = [f"- {name}: {cell(row['why'])}" for name, row in result["quality"].items() if row["why"]]
    return "\n\n".join([table(heading, rows), *(["\n".join(why)] if why else []), told])


def _scaling(result: dict[str, Any]) -> str:
    sizes = result["settings"]["sizes"]
    own = result["size"][0]
    threads = list(next(iter(result["scaling"].values())))
    rows = []
    for size in sizes:
        found = result["scaling"].get(str(size), {})
        cells = [_ms(found, count, part) for part in ("network_ms", "compositor_ms") for count in threads]
        rows.append([size, *cells])
    heading = [
        tr("pixels", "像素"),
        *(
            f"{part}, {count}"
            for part in (tr("network", "网络"), tr("compositor", "合成"))
            for count in threads
        ),
    ]
    told = tr(
        f"Median ms a picture on the CPU, by the number of threads. The avatar is made for {own} pixels. The other sizes are the "
        "same network with sheets of another size, its maps enlarged or reduced at the end of the graph: they show what pixels "
        "cost, not what a network trained for them would cost or show.",
        f"CPU 上每帧毫秒数的中位值，按线程数。该形象按 {own} 像素制作。其他尺寸是同一网络配上另一尺寸的贴图，"
        "并在网络末端缩放其输出：反映像素的开销，不代表专为该尺寸训练的网络的耗时与画质。",
    )
    return table(heading, rows) + "\n\n" + told


def _ms(found: dict[str, Any], count: str, part: str) -> Any:
    return f"{found[count][part]['median']:.1f}" if count in found else None


def _providers(result: dict[str, Any]) -> str:
    rows: list[list[Any]] = []
    reasons = []
    for name, row in result["providers"].items():
        if "not_measured" in row:
            rows.append([name, None, ""])
            why = row["not_measured"] or tr("this ONNX Runtime does not offer it", "此 ONNX Runtime 不提供")
            reasons.append(f"- {name}: {cell(why)}")
        else:
            rows.append([name, spread(row["render_ms"]), f"{row['open_s']:.1f}"])
    heading = ["", tr("ms median / p95", "毫秒 中位 / p95"), tr("load and check, s", "加载与校验，秒")]
    told = tr(
        "Network and compositor together, from an expression to the composited picture. The provider computes the network; the "
        "CPU puts the layers together.",
        "网络与合成合计：从表情到合成后的画面。由该设备计算网络，由 CPU 合成图层。",
    )
    return "\n\n".join([table(heading, rows), *(["\n".join(reasons)] if reasons else []), told])


def _foot(pictures: list[str]) -> str:
    lines = [
        tr(
            "Yours beside these: `python -m benchmarks --output mine`, then "
            "`liveavatar bench --compare benchmarks/results/results.json mine/results.json`.",
            "与你的电脑比较：先运行 `python -m benchmarks --output mine`，再运行 "
            "`liveavatar bench --compare benchmarks/results/results.json mine/results.json`。",
        )
    ]
    if not pictures:
        lines.insert(
            0,
            tr(
                'The pictures need matplotlib: pip install "liveavatar[train]"',
                '图片需要 matplotlib：pip install "liveavatar[train]"',
            ),
        )
    return "\n\n".join(lines)
