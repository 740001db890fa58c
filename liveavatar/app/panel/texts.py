"""What the panel's page says."""

from liveavatar.language import Text, tr
from liveavatar.retargeting.reactions import EMOTES, IMPULSES

EMOTE_NAMES: dict[str, Text] = {
    "joy": Text("Joy", "开心"),
    "anger": Text("Anger", "生气"),
    "sadness": Text("Sad", "难过"),
    "surprise": Text("Surprise", "惊讶"),
    "smug": Text("Smug", "得意"),
    "wink": Text("Wink", "眨眼"),
    "tongue": Text("Tongue", "吐舌"),
    "puff": Text("Puff", "鼓腮"),
    "sleepy": Text("Sleepy", "犯困"),
    "flinch": Text("Flinch", "吓一跳"),
    "nod": Text("Nod", "点头"),
    "shake": Text("Shake", "摇头"),
}
_TEXTS: dict[str, Text] = {
    "title": Text("liveavatar panel", "liveavatar 控制面板"),
    "onAir": Text("On air", "直播中"),
    "hidden": Text("Hidden: the card is shown", "已隐藏：正在显示卡片"),
    "loading": Text("Loading", "加载中"),
    "idling": Text("Idling", "待机中"),
    "lost": Text("liveavatar is not running. This page waits for it.", "liveavatar 没有运行，本页正在等待它。"),
    "lostHow": Text("Start it with", "启动命令"),
    "theme": Text("Dark or light", "深色或浅色"),
    "preview": Text("What is sent", "正在输出的画面"),
    "fps": Text("Frames/s", "帧率"),
    "fpsHint": Text("Frames sent in a second", "每秒输出的帧数"),
    "age": Text("Age", "延迟"),
    "ageHint": Text("From the camera's picture to the output", "从摄像头画面到输出的时间"),
    "processor": Text("CPU", "处理器"),
    "processorHint": Text("Of all of this computer's cores", "占本机全部核心的比例"),
    "drops": Text("Drops", "丢弃"),
    "dropsHint": Text("Pictures that newer ones replaced before they were used", "被更新的画面取代、未使用的画面数"),
    "delayLong": Text("Delay your microphone by {} ms", "请将麦克风延迟 {} 毫秒"),
    "delayHint": Text(
        "In OBS: Advanced Audio Properties, Sync Offset of the microphone",
        "OBS：高级音频属性 > 麦克风的同步偏移",
    ),
    "panic": Text("Hide me", "隐藏形象"),
    "panicHint": Text("A neutral card in place of the avatar, at once (P)", "立即用静态卡片代替形象（P）"),
    "back": Text("Back on air", "恢复形象"),
    "recenter": Text("Recentre", "重新居中"),
    "recenterHint": Text("Look straight and rest, then press (R)", "正视并放松，然后按下（R）"),
    "recentered": Text("Look straight and rest for a moment.", "请正视摄像头并放松片刻。"),
    "mirror": Text("Flip", "翻转"),
    "mirrorHint": Text("Flip the avatar's picture (M)", "左右翻转形象画面（M）"),
    "emotes": Text("Emotes", "表情"),
    "lasts": Text("How long", "持续时间"),
    "hold": Text("Hold", "保持"),
    "seconds": Text("{} s", "{} 秒"),
    "off": Text("None", "无"),
    "offHint": Text("Take the emote off (0)", "取消表情（0）"),
    "avatars": Text("Avatars", "形象"),
    "swapping": Text("Loading {} …", "正在加载 {} ……"),
    "framing": Text("Framing", "取景"),
    "zoom": Text("Zoom", "缩放"),
    "x": Text("Across", "左右"),
    "y": Text("Height", "高度"),
    "rotation": Text("Turn", "旋转"),
    "reset": Text("Back to where it began; double-click a slider, too", "恢复默认；也可双击滑块"),
    "keys": Text(
        "Keys: P hide, R recentre, M flip, + − zoom, N next avatar, 1–9 emotes, 0 none",
        "按键：P 隐藏，R 居中，M 翻转，+ − 缩放，N 下一个形象，1–9 表情，0 取消",
    ),
    "likeMirror": Text("Move like a mirror", "像照镜子一样动作"),
    "likeMirrorHint": Text("The avatar moves to the side that you move to", "形象与你向同一侧移动"),
    "sound": Text("Sound", "声音"),
    "microphone": Text("Microphone", "麦克风"),
    "chooseMicrophone": Text("Microphone that moves the lips", "驱动口型的麦克风"),
    "micOff": Text("No microphone", "不使用麦克风"),
    "voiceOff": Text("Voice not sent", "不送出声音"),
    "voice-natural": Text("Natural voice", "原声"),
    "voice-lighter": Text("Lighter", "轻亮"),
    "voice-deeper": Text("Deeper", "低沉"),
    "voice-giant": Text("Giant", "巨人"),
    "voice-robot": Text("Robot", "机器人"),
    "voice-whisper": Text("Whisper", "耳语"),
    "voice-creature": Text("Creature", "小怪物"),
    "chooseVoice": Text(
        "The microphone is sent on in this voice, in step with the picture", "以此声音送出麦克风，与画面同步"
    ),
    "voiceLong": Text("Others hear: {}", "他人听到：{}"),
    "voiceHint": Text(
        "Choose the virtual cable as microphone in OBS; no sync offset is needed", "在 OBS 中选择虚拟声卡作为麦克风；无需同步偏移"
    ),
    "micUsual": Text("The system's microphone", "系统默认麦克风"),
    "micAway": Text("Not heard", "没有声音"),
    "level": Text("Level", "音量"),
    "say": Text("Say a file", "说出音频"),
    "sayHint": Text("WAV, MP3, FLAC or Ogg: it is played and the avatar says it", "WAV、MP3、FLAC 或 Ogg：播放的同时由形象说出"),
    "mood": Text("Mood", "情绪"),
    "plain": Text("As it is", "保持现状"),
    "silence": Text("Be quiet", "停止说话"),
    "camera": Text("Camera", "摄像头"),
    "noCamera": Text("None in this run", "本次运行不使用"),
    "chooseCamera": Text("Which camera", "选择摄像头"),
    "changing": Text("Changing …", "正在更换……"),
    "calibrate": Text("Calibrate", "校准"),
    "calibrateHint": Text(
        "About 20 seconds: do what is asked here. The show goes on meanwhile.",
        "约 20 秒：按提示做动作，其间直播照常。",
    ),
    "glasses": Text("I wear glasses", "我戴眼镜"),
    "lookingForFace": Text("Looking for your face", "正在寻找你的脸"),
    "calibrated": Text("Done, and kept for all avatars.", "校准完成，已为所有形象保存。"),
    "missed": Text("Not seen, so left at the average: {}", "没有看到，保持平均值：{}"),
    "stop": Text("Stop", "停止"),
    "plugins": Text("Plugins", "插件"),
    "asks": Text("{} asks to drive the avatar.", "{} 请求控制形象。"),
    "allow": Text("Allow", "允许"),
    "deny": Text("Deny", "拒绝"),
    "revoke": Text("Revoke", "撤销"),
    "allowed": Text("Allowed", "已允许"),
    "connected": Text("Connected", "已连接"),
    "denied": Text("Denied", "已拒绝"),
    "noPlugins": Text("None has asked yet. They connect to port {}.", "还没有插件请求连接，插件端口为 {}。"),
    "letIn": Text("Let plugins in", "允许插件连接"),
    "shut": Text(
        "Stream Deck, Streamer.bot and others that speak VTube Studio's API; each asks you first.",
        "Stream Deck、Streamer.bot 等使用 VTube Studio API 的程序；每个都会先征求你的同意。",
    ),
    "new": Text("New", "新建"),
    "create": Text("New avatar of a picture", "用图片制作形象"),
    "drop": Text("Drop a picture here, or click to choose one", "把图片拖到这里，或点击选择"),
    "name": Text("Name", "名称"),
    "whose": Text("Who is in the picture?", "图中是谁？"),
    "me": Text("Me", "我本人"),
    "invented": Text("Nobody real: invented", "虚构角色"),
    "other": Text("Somebody else", "其他人"),
    "otherName": Text("Their name", "其姓名"),
    "agreed": Text("Whoever is shown agreed that this becomes an avatar.", "图中人物已同意制作成形象。"),
    "rule": Text(
        "An avatar may show only yourself, someone who agreed, or an invented character.",
        "形象只能是你本人、已同意的人，或虚构角色。",
    ),
    "make": Text("Make the avatar", "制作形象"),
    "making": Text("Making {} …", "正在制作 {} ……"),
    "made": Text("{} is there.", "{} 已完成。"),
    "noPicture": Text("This is no picture that can be read: PNG, JPEG or WebP.", "无法读取该图片，请使用 PNG、JPEG 或 WebP。"),
    "tooLarge": Text("The file is larger than 32 MB.", "文件超过 32 MB。"),
    "doctor": Text("Is all well?", "检查"),
    "examine": Text("Examine this computer", "检查这台电脑"),
    "examining": Text("Examining …", "正在检查……"),
    "allWell": Text("All is well.", "一切正常。"),
    "busy": Text("One after the other, please.", "请稍候，上一项尚未完成。"),
    "close": Text("Close", "关闭"),
}  # fmt: skip


def emotes() -> list[dict[str, object]]:
    """Emotes, then what moves the head: name, label, whether it can be held."""
    names = [*EMOTES, *IMPULSES]
    labels = [EMOTE_NAMES.get(name, Text(name, name)) for name in names]
    return [
        {"name": name, "label": tr(label.en, label.zh), "held": name in EMOTES}
        for name, label in zip(names, labels, strict=True)
    ]


def page_texts() -> dict[str, str]:
    """The page's texts in the user's language."""
    return {name: tr(text.en, text.zh) for name, text in _TEXTS.items()}
