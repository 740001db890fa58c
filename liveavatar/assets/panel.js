"use strict";
const $ = (id) => document.getElementById(id);
const EVERY = 80;      // milliseconds between pictures that are asked for
const UNSEEN = 1000;   // the same while nobody looks: news without a picture
const AGAIN = 1000;    // milliseconds until a program that is away is looked for again
const LASTS = [0, 2, 3, 5, 10];
const canvas = $("picture"), pen = canvas.getContext("2d");
const status = window.liveavatar = { pictures: 0, connections: 0, state: null, errors: [], pending: 0 };
let hello = null, state = null, socket = null, waiting = new Map(), numbers = 0, asked = 0, looked = true, timer = 0;
let open = false;       // a "next" is not answered yet
let lasts = 0, loading = "", held = null, small = new Map(), wanted = [], began = 0, total = 0;

// ---- small helpers
function make(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(props)) key in node ? node[key] = value : node.setAttribute(key, value);
  node.append(...children);
  return node;
}
function icon(name) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = node.appendChild(document.createElementNS("http://www.w3.org/2000/svg", "use"));
  node.setAttribute("aria-hidden", "true"); use.setAttribute("href", `#${name}`);
  return node;
}
function titled(node, text) { node.title = text; node.setAttribute("aria-label", text); return node; }
function put(node, text) { if (node.textContent !== text) node.textContent = text; }
const filled = (text, value) => text.replace("{}", value);
const clamp = (v, low, high) => Math.min(Math.max(v, low), high);
function remembered(name) { try { return localStorage.getItem(`liveavatar ${name}`); } catch { return null; } }
function remember(name, value) { try { localStorage.setItem(`liveavatar ${name}`, value); } catch { /* a private window */ } }

// ---- talking to the program
function tell(message) {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
}
function command(what) {  // the answer; undefined where it went wrong, which is told
  if (socket?.readyState !== WebSocket.OPEN) return Promise.resolve(undefined);
  return new Promise((done) => {
    waiting.set(++numbers, done); status.pending = waiting.size;
    tell({ do: "command", id: numbers, command: what });
  });
}
function heard(answer) {
  const done = waiting.get(answer.id);
  waiting.delete(answer.id); status.pending = waiting.size;
  const wrong = answer.busy ? hello.texts.busy : answer.error;
  if (wrong) { status.errors.push(wrong); toast(wrong, true); }
  done?.(wrong ? undefined : answer.answer);
}
function next() {
  if (open) return;
  clearTimeout(timer);
  open = true;
  asked = performance.now();
  const box = canvas.getBoundingClientRect(), [w, h] = state?.size ?? [1, 1];
  const wide = Math.min(box.width, box.height * w / h || box.width) * Math.min(devicePixelRatio, 2);
  tell({ do: "next", width: document.hidden || !looked ? 0 : Math.ceil(Math.max(wide, 64)), small: wanted.slice(0, 4) });
}

// Message: length (uint32, little-endian) of a JSON text, the text, then RGBA, straight alpha: the avatar's picture, then small ones.
function show(message) {
  const length = new DataView(message).getUint32(0, true);
  const news = JSON.parse(new TextDecoder().decode(new Uint8Array(message, 4, length)));
  let at = 4 + length;
  const take = (w, h) => { const image = new ImageData(new Uint8ClampedArray(message, at, w * h * 4), w, h); at += w * h * 4; return image; };
  if (news.picture) {
    const image = take(...news.picture);
    if (canvas.width !== image.width || canvas.height !== image.height) { canvas.width = image.width; canvas.height = image.height; }
    pen.putImageData(image, 0, 0);
    status.pictures += 1;
  }
  for (const [name, there] of Object.entries(news.small ?? {})) {
    small.set(name, there ? take(hello.side, hello.side) : null);
    wanted = wanted.filter((other) => other !== name);
    thumb(name);
  }
  if ("level" in news) { level("meter", news.level); level("sent", news.sent); status.level = news.level; }
  if (news.state) {
    const framing = under ? state.framing : news.state.framing;  // what the hand does here goes before what is told meanwhile
    state = status.state = { ...news.state, framing };
    refresh();
  }
  for (const answer of news.answers ?? []) heard(answer);
}

// ---- what is shown
function refresh() {
  const { texts } = hello, { health } = state;
  document.body.classList.remove("gone");
  const word = state.card ? "hidden" : !health.provider ? "loading" : health.age === null || health.troubles.length ? "idling" : "onAir";
  $("air").className = { hidden: "card", loading: "", idling: "idle", onAir: "live" }[word];
  put($("who"), state.avatar);
  put($("word"), `${texts[word]} · ${state.output}`);
  $("panic").setAttribute("aria-pressed", state.card);
  put($("panic").lastElementChild, texts[state.card ? "back" : "panic"]);
  $("mirror").setAttribute("aria-pressed", state.framing.mirror);
  figures(health); alerts(); choose(state.seconds); emotes(); gallery(); framing(); camera(); microphone(); calibration(); plugins(); making();
  canvas.style.aspectRatio = `${state.size[0]} / ${state.size[1]}`;
}
function figures(health) {
  const { texts } = hello, none = "–";
  const rows = [
    ["fps", health.fps.toFixed(health.fps < 100 ? 1 : 0), "", health.provider && health.fps < 0.9 * health.wanted],
    ["age", health.age ?? none, "ms", health.age > 100], ["processor", health.processor, "%", health.processor > 80],
    ["drops", health.drops, "", false],
  ];
  for (const [key, value, unit, warn] of rows) {
    const box = $(`h-${key}`) ?? $("health").appendChild(make("div", { id: `h-${key}`, title: texts[`${key}Hint`] },
      make("dt", { textContent: texts[key] }), make("dd", {}, make("b", { className: "value" }), make("small", { textContent: unit }))));
    put(box.querySelector(".value"), String(value));
    box.classList.toggle("warn", warn);
  }
  $("delay").hidden = health.delay === null && !health.voice;
  $("delay").title = texts[health.voice ? "voiceHint" : "delayHint"];
  const told = health.voice ? filled(texts.voiceLong, health.voice) : filled(texts.delayLong, health.delay);
  put($("delay").lastElementChild, told.replace(/ (?=\d|ms|毫秒)/g, "\u00a0"));
}
function alerts() {
  const { health, plugins } = state, rows = [
    ...(plugins?.asking ?? []).map((one) => ["ask", "i-plug", filled(hello.texts.asks, described(one)), one.name]),
    ...health.troubles.map((text) => ["bad", "i-warn", text]), ...health.notes.map((text) => ["busy", "i-info", text]),
  ];
  if (!changed($("alerts"), rows)) return;
  $("alerts").replaceChildren(...rows.map(([kind, symbol, text, name]) => make("div", { className: `alert ${kind}` }, icon(symbol), make("p", { textContent: text }), ...(name ? consents(name) : []))));
}
function changed(node, rows) {  // whether what is shown there has to be made anew
  const text = JSON.stringify(rows);
  if (node.dataset.rows === text) return false;
  node.dataset.rows = text;
  return true;
}
const described = (one) => `${one.name} (${[one.developer, one.origin].filter(Boolean).join(", ")})`;
function plugged(name, doing, label, main = false) {
  return make("button", { type: "button", className: main ? "main" : "", textContent: label, onclick: () => command({ command: "plugins", do: doing, name }) });
}
const consents = (name) => [plugged(name, "allow", hello.texts.allow, true), plugged(name, "revoke", hello.texts.deny)];
function plugins() {
  const { texts } = hello, told = state.plugins, box = $("plugins");
  put($("plugged"), told?.connected.length ? String(told.connected.length) : "");
  $("door").checked = Boolean(told);
  if (!changed(box, told)) return;
  if (!told) return box.replaceChildren(make("p", { className: "hint", textContent: texts.shut }));
  const rows = [...told.asking.map((one) => [one, ""]), ...told.allowed.map((one) => [one, told.connected.some((name) => name.startsWith(one.name)) ? texts.connected : texts.allowed]), ...told.denied.map((one) => [one, texts.denied])];
  if (!rows.length) return box.replaceChildren(make("p", { className: "hint", textContent: filled(texts.noPlugins, told.port) }));
  box.replaceChildren(...rows.map(([one, word]) => make("div", { className: "person" },
    make("div", {}, one.name, make("small", { textContent: [word, one.developer, one.origin].filter(Boolean).join(" · ") })),
    ...(!word ? consents(one.name) : word === texts.denied ? [plugged(one.name, "allow", texts.allow)] : [plugged(one.name, "revoke", texts.revoke)]))));
}
$("door").onchange = () => command({ command: "plugins", do: $("door").checked ? "open" : "shut" }).then((done) => { if (!done) $("door").checked = Boolean(state.plugins); });
let cameras = [];
async function look() { cameras = (await command({ command: "cameras" }))?.cameras ?? cameras; camera(); }
function camera() {
  const { texts } = hello, now = state.camera, names = [...new Set([now, ...cameras].filter(Boolean))];
  put($("camera-now"), now ? "" : texts.noCamera);
  $("camera").hidden = !now; $("camera").disabled = !state.changeable || $("camera").dataset.busy === "yes";
  if (changed($("camera"), names)) $("camera").replaceChildren(...names.map((name) => make("option", { value: name, textContent: /^\d+$/.test(name) ? `${texts.camera} ${name}` : name })));
  if (document.activeElement !== $("camera") && $("camera").dataset.busy !== "yes") $("camera").value = now;
  $("like-mirror").checked = state.like_mirror;
}
$("camera").onpointerdown = $("camera").onfocus = () => { if (!cameras.length) look(); };
$("camera").onchange = async () => {
  $("camera").dataset.busy = "yes"; camera(); put($("camera-now"), hello.texts.changing);
  await command({ command: "camera", name: $("camera").value });
  delete $("camera").dataset.busy; $("camera").blur(); camera();
};
$("like-mirror").onchange = () => command({ command: "mirror", on: $("like-mirror").checked });
let microphones = [];
async function listen() { microphones = (await command({ command: "microphones" }))?.microphones ?? microphones; microphone(); }
function microphone() {
  const { texts } = hello, now = state.microphone, usual = { off: texts.micOff, default: texts.micUsual };
  const names = [...new Set(["off", "default", now, ...microphones])];
  if (changed($("microphone"), names)) $("microphone").replaceChildren(...names.map((name) => make("option", { value: name, textContent: usual[name] ?? name })));
  if (document.activeElement !== $("microphone")) $("microphone").value = now;
  const voices = ["off", ...state.voices];
  if (changed($("voice"), voices)) $("voice").replaceChildren(...voices.map((name) => make("option", { value: name, textContent: name === "off" ? texts.voiceOff : texts[`voice-${name}`] ?? name })));
  if (document.activeElement !== $("voice")) $("voice").value = state.voice;
  put($("heard"), now === "off" ? "" : state.heard || texts.micAway);
  $("meter").hidden = now === "off";
  voicing();
}
function level(id, share) {  // null: the gate is shut
  $(id).style.setProperty("--level", `${Math.round(100 * (share ?? 0))}%`);
  $(id).setAttribute("aria-valuenow", Math.round(100 * (share ?? 0)));
  $(id).classList.toggle("shut", share === null);
  if (id === "sent") $(id).title = hello.texts[share === null ? "gateShut" : "sentLevel"];
}
const VOICE = { pitch: [-12, 12, 0.5], body: [-1, 1, 0.05], brightness: [-1, 1, 0.05], breath: [0, 1, 0.05], robot: [0, 1, 0.05], growl: [0, 1, 0.05] };
let turned = null, aimed = 0, turning = false;  // the slider in the hand, where it is; a command is on its way
function voicing() {
  const { texts } = hello, sliders = state.sliders, box = $("voice-sliders");
  $("voicing").hidden = state.voice === "off" || state.microphone === "off";
  $("monitor").checked = state.monitored;
  box.hidden = $("keep-voice").hidden = !sliders;
  if (!sliders) return;
  if (!box.children.length) box.append(...Object.keys(VOICE).map(voiceSlider));
  for (const row of box.children) {
    const key = row.dataset.key, range = row.querySelector("input");
    if (turned !== key) range.value = sliders[key];
    const value = Number(range.value);
    put(row.querySelector("output"), key === "pitch" ? `${value > 0 ? "+" : ""}${value}` : `${Math.round(100 * value)}%`);
    fill(range, 0, value);
  }
}
function fill(range, from, to) {  // the track between where it starts and where it is
  const at = (v) => 100 * (v - range.min) / (range.max - range.min), [a, b] = [at(from), at(to)].sort((p, q) => p - q);
  range.style.setProperty("--fill", `linear-gradient(90deg, var(--track) ${a}%, var(--accent) 0 ${b}%, var(--track) 0)`);
}
function voiceSlider(key) {
  const [low, high, step] = VOICE[key], title = hello.texts[`voice${key[0].toUpperCase()}${key.slice(1)}`], id = `v-${key}`;
  const range = make("input", { type: "range", id, min: low, max: high, step });
  const row = make("div", { className: "row voice" }, make("label", { htmlFor: id, textContent: title }), range, make("output", { htmlFor: id }));
  row.dataset.key = key;
  range.oninput = async () => {
    turned = key; aimed = Number(range.value); voicing();
    if (turning) return;  // what the hand does meanwhile goes with the next one
    turning = true;
    for (let told = null; told !== aimed;) {
      told = aimed;
      state.sliders = { ...state.sliders, [turned]: told };
      await command({ command: "voice", name: state.voice, sliders: state.sliders });
    }
    turning = false; turned = null;
  };
  range.ondblclick = () => { range.value = 0; range.oninput(); };
  return row;
}
$("monitor").onchange = () => command({ command: "monitor", on: $("monitor").checked });
$("keep-voice").onclick = async () => {
  const kept = await command({ command: "voice", name: state.voice, sliders: state.sliders, keep: true });
  if (kept) toast(filled(hello.texts.keptVoice, kept.avatar));
};
$("microphone").onpointerdown = $("microphone").onfocus = () => { if (!microphones.length) listen(); };
$("microphone").onchange = async () => {
  await command({ command: "microphone", name: $("microphone").value });
  $("microphone").blur(); microphone();
};
$("voice").onchange = async () => {
  await command({ command: "voice", name: $("voice").value });
  $("voice").blur(); microphone();
};
$("sound").onchange = async () => {
  const file = $("sound").files[0];
  if (!file) return;
  if (file.size > 32 * 2 ** 20) return toast(hello.texts.tooLarge, true);
  await hand(file);
  const suffix = file.name.match(/\.[^.]*$/)?.[0] ?? "";
  await command({ command: "speak", suffix, emotion: $("mood").value || null });
  $("sound").value = "";
};
$("silence").onclick = () => command({ command: "speak", stop: true });
async function hand(file) {  // over to the program, in pieces
  const bytes = new Uint8Array(await file.arrayBuffer());
  tell({ do: "file" });
  for (let at = 0; at < bytes.length; at += 60000) socket.send(bytes.subarray(at, at + 60000));
}
function calibration() {
  const { texts } = hello, told = state.calibration, box = $("calibration"), running = told && "done" in told;
  box.hidden = !state.calibrates;
  if (changed(box, [running, told?.missed, told?.error])) {
    const text = told?.error ?? (told?.missed ? [texts.calibrated, ...(told.missed.length ? [filled(texts.missed, told.missed.join(", "))] : [])].join(" ") : texts.calibrateHint);
    box.replaceChildren(...(running
      ? [make("div", { className: "progress", role: "status" }, make("i"), make("p"), make("button", { type: "button", textContent: texts.stop, onclick: () => command({ command: "calibrate", stop: true }) }))]
      : [make("label", { className: "switch" }, make("input", { type: "checkbox", id: "glasses" }), make("span", { textContent: texts.glasses })),
        make("button", { type: "button", id: "calibrate", textContent: texts.calibrate, onclick: () => command({ command: "calibrate", glasses: $("glasses").checked }) }),
        make("p", { className: "hint", textContent: text })]));
  }
  if (!running) return;
  box.querySelector("i").style.setProperty("--done", told.done);
  put(box.querySelector("p"), told.seen ? told.text : texts.lookingForFace);
}

// ---- an avatar of a picture
let picture = null;
async function offer(file) {
  const { texts } = hello;
  if (!file) return;
  if (file.size > 32 * 2 ** 20) return toast(texts.tooLarge, true);
  let image;
  try { image = await createImageBitmap(file); } catch { return toast(texts.noPicture, true); }
  picture = file;
  const side = Math.min(image.width, image.height), to = $("dropped").getContext("2d");
  to.clearRect(0, 0, 240, 240);
  to.imageSmoothingQuality = "high";
  to.drawImage(image, (image.width - side) / 2, Math.max(0, (image.height - side) / 4), side, side, 0, 0, 240, 240);
  $("dropped").hidden = false; $("drop").querySelector("svg").hidden = true; $("about").hidden = false;
  $("name").value ||= file.name.replace(/\.[^.]*$/, "").replace(/[^\p{L}\p{N}_-]+/gu, "-").replace(/^-+|-+$/g, "").slice(0, 30);
  ready();
}
function ready() {
  $("other-row").hidden = $("whose").value !== "other";
  $("make").disabled = !(picture && $("name").value.trim() && $("agreed").checked && ($("whose").value !== "other" || $("other").value.trim()));
}
$("create").oninput = ready;
$("file").onchange = () => offer($("file").files[0]);
for (const kind of ["dragover", "dragleave", "drop"]) {
  addEventListener(kind, (event) => {
    event.preventDefault();
    $("drop").classList.toggle("over", kind === "dragover");
    if (kind === "drop" && event.dataTransfer.files.length) { $("s-create").open = true; offer(event.dataTransfer.files[0]); }
  });
}
$("create").onsubmit = async (event) => {
  event.preventDefault();
  if ($("make").disabled) return;
  const name = $("name").value.trim();
  const whose = { me: "me", invented: "invented", other: $("other").value.trim() }[$("whose").value];
  $("make").disabled = true;
  await hand(picture);
  const suffix = { "image/png": ".png", "image/jpeg": ".jpg", "image/webp": ".webp" }[picture.type] ?? "";
  const answer = await command({ command: "create", name, whose, suffix });
  if (!answer) return ready();
  picture = null; $("create").reset();
  $("dropped").hidden = $("about").hidden = true; $("drop").querySelector("svg").hidden = false;
  toast(filled(hello.texts.made, answer.avatar));
};
$("unmake").onclick = () => command({ command: "stop" });
function making() {
  const told = state.making, box = $("making");
  box.hidden = !told; box.classList.add("endless");
  $("about").hidden = Boolean(told) || !picture;
  if (told) put(box.querySelector("p"), told.line || filled(hello.texts.making, told.name));
}

// ---- the doctor
$("examine").onclick = async () => {
  const { texts } = hello;
  $("examine").disabled = true; put($("examine"), texts.examining);
  const found = (await command({ command: "doctor" }))?.findings;
  $("examine").disabled = false; put($("examine"), texts.examine);
  if (!found) return;
  const order = ["failure", "warning", "ok"], rows = found.sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state));
  const well = rows.every((row) => row.state === "ok") ? [make("li", { className: "ok" }, make("i"), make("p", { textContent: texts.allWell }))] : [];
  $("findings").replaceChildren(...well, ...rows.map((row) => make("li", { className: row.state }, make("i"), make("p", {}, make("b", { textContent: row.part }), ` ${row.text}`))));
};
function emotes() {
  for (const button of $("emotes").children) button.setAttribute("aria-pressed", button.dataset.emote === state.emote);
  const label = hello.emotes.find((one) => one.name === state.emote)?.label ?? "";
  if (state.remaining > total || !state.emote) total = state.remaining;
  put($("emoting"), label && state.remaining ? `${label} · ${filled(hello.texts.seconds, Math.ceil(state.remaining))}` : label);
  $("timer").hidden = !state.remaining;
  $("timer").style.transform = `scaleX(${total ? state.remaining / total : 0})`;
}
function gallery() {
  const names = Object.keys(state.avatars), text = JSON.stringify(state.avatars);
  if ($("gallery").dataset.names !== text) {
    const before = JSON.parse($("gallery").dataset.names ?? "{}");
    for (const name of names) if (before[name] !== state.avatars[name]) small.delete(name);
    $("gallery").dataset.names = text;
    wanted = names.filter((name) => !small.has(name));
    $("gallery").replaceChildren(...names.map((name) => {
      const tile = make("button", { type: "button", onclick: () => swap(name) }, make("canvas", { width: hello.side, height: hello.side, ariaHidden: "true" }), make("span", { textContent: name }));
      tile.dataset.avatar = name;
      return tile;
    }), make("button", { type: "button", className: "new", onclick: create }, icon("i-plus"), make("span", { textContent: hello.texts.new })));
    names.forEach(thumb);
  }
  for (const tile of $("gallery").children) {
    tile.setAttribute("aria-pressed", tile.dataset.avatar === state.avatar);
    tile.classList.toggle("loading", tile.dataset.avatar === loading);
  }
  put($("swapping"), loading && filled(hello.texts.swapping, loading));
}
function thumb(name) {
  const image = small.get(name), tile = [...$("gallery").children].find((one) => one.dataset.avatar === name);
  if (!image || !tile) return;
  tile.firstChild.getContext("2d").putImageData(image, 0, 0);
  tile.firstChild.classList.add("there");
}
function toast(text, wrong = false) {
  const node = make("div", { className: `toast${wrong ? " wrong" : ""}` }, make("p", { textContent: text }));
  node.append(titled(make("button", { type: "button", className: "icon bare", onclick: () => node.remove() }, icon("i-close")), hello.texts.close));
  $("toasts").append(node);
  setTimeout(() => node.remove(), wrong ? 9000 : 5000);
}

// ---- what can be done
function create() {
  $("s-create").open = true;
  $("s-create").scrollIntoView({ block: "center" });
  $("file").focus();
}
async function swap(name) {
  if (loading || name === state.avatar) return;
  loading = name; gallery();
  await command({ command: "swap", avatar: name });
  loading = ""; gallery();
}
function emote(name) {
  const { held } = hello.emotes.find((one) => one.name === name) ?? { held: false };
  command({ command: "emote", emote: name, ...(held && lasts && name !== "none" ? { seconds: lasts } : {}) });
}
const panic = () => command({ command: "panic" });
const mirror = () => reframe({ mirror: !state.framing.mirror });
async function recenter() { if (await command({ command: "recenter" })) toast(hello.texts.recentered); }
function turnPage() {
  const names = Object.keys(state.avatars);
  swap(names[(names.indexOf(state.avatar) + 1) % names.length]);
}

// ---- framing: what is dragged goes out as fast as it is answered, the newest last
let due = null, under = false;
function reframe(change) {
  state.framing = { ...state.framing, ...change };
  due = { ...due, ...change };
  framing(); $("mirror").setAttribute("aria-pressed", state.framing.mirror);
  if (!under) send();
}
async function send() {
  under = true;
  while (due) {
    const change = due;
    due = null;
    const now = await command({ command: "framing", ...change });
    if (now && !due) state.framing = now;
  }
  under = false;
  framing();
}
const percent = (v) => Math.round(100 * v);
const SLIDERS = {  // from what stands in the framing to the slider and the number box, and back
  zoom: { start: 1, low: 30, high: 400, to: (v) => Math.log(v), from: (p) => near(Math.exp(p), 1, 0.03), box: percent, typed: (n) => n / 100 },
  x: { start: 0, low: -100, high: 100, to: (v) => v, from: (p) => near(p, 0, 0.015), box: percent, typed: (n) => n / 100 },
  y: { start: 0, low: -100, high: 100, to: (v) => -v, from: (p) => near(-p, 0, 0.015), box: (v) => percent(-v) || 0, typed: (n) => -n / 100 },
  rotation: { start: 0, low: -180, high: 180, unit: "°", to: (v) => ((v + 540) % 360) - 180, from: (p) => near(Math.round(p), 0, 2), box: (v) => Math.round(((v + 540) % 360) - 180), typed: (n) => n },
};
const near = (value, start, reach) => Math.abs(value - start) < reach ? start : Math.round(1000 * value) / 1000;
function slider(key) {
  const { texts, zoom } = hello, spec = SLIDERS[key], id = `f-${key}`;
  const [low, high] = key === "zoom" ? zoom.map(spec.to) : key === "rotation" ? [-45, 45] : [-1, 1];
  const range = make("input", { type: "range", id, min: low, max: high, step: key === "rotation" ? 1 : 0.005 });
  const box = titled(make("input", { type: "number", id: `n-${key}`, min: spec.low, max: spec.high, step: 1 }), texts[key]);
  const reset = titled(make("button", { type: "button", className: "icon bare", onclick: () => reframe({ [key]: spec.start }) }, icon("i-reset")), `${texts.reset}: ${texts[key]}`);
  const node = make("div", { className: "row" }, make("label", { htmlFor: id, textContent: texts[key] }), range, reset, make("div", { className: "number" }, box, make("span", { textContent: spec.unit ?? "%" })));
  node.dataset.key = key;
  range.oninput = () => reframe({ [key]: spec.from(Number(range.value)) });
  range.onpointerdown = () => { held = key; };
  range.onpointerup = range.onpointercancel = () => { held = null; framing(); };
  range.ondblclick = node.firstChild.ondblclick = () => { held = null; reframe({ [key]: spec.start }); };
  box.onchange = () => {
    const n = Number(box.value);
    if (box.value.trim() && Number.isFinite(n)) reframe({ [key]: spec.typed(clamp(n, spec.low, spec.high)) });
    framing(true);
  };
  return node;
}
function framing(typed = false) {
  for (const row of $("framing").children) {
    const key = row.dataset.key, spec = SLIDERS[key], value = state.framing[key], range = $(`f-${key}`), box = $(`n-${key}`);
    if (held !== key) range.value = spec.to(value);
    if (typed || document.activeElement !== box) box.value = spec.box(value);
    fill(range, spec.to(spec.start), spec.to(value));
    range.setAttribute("aria-valuetext", `${spec.box(value)} ${spec.unit ?? "%"}`);
    row.classList.toggle("moved", Math.abs(value - spec.start) > 1e-4);
  }
}
canvas.onpointerdown = (event) => {  // the avatar is dragged where it should stand
  if (!state || event.button) return;
  const start = { ...state.framing }, { clientX, clientY } = event, box = canvas.getBoundingClientRect();
  const tall = box.width * state.size[1] / state.size[0] > box.height, w = tall ? box.height * state.size[0] / state.size[1] : box.width, h = w * state.size[1] / state.size[0];
  canvas.setPointerCapture(event.pointerId); canvas.classList.add("held");
  canvas.onpointermove = (move) => reframe({ x: near(clamp(start.x + (move.clientX - clientX) / w, -1, 1), 0, 0.015), y: near(clamp(start.y + (move.clientY - clientY) / h, -1, 1), 0, 0.015) });
  canvas.onpointerup = canvas.onpointercancel = () => { canvas.onpointermove = null; canvas.classList.remove("held"); };
};
canvas.ondblclick = () => reframe({ zoom: 1, x: 0, y: 0, rotation: 0 });

// ---- the page as hello describes it
function describe() {
  const { texts } = hello;
  document.documentElement.lang = hello.language;
  document.title = texts.title;
  for (const node of document.querySelectorAll("[data-text]")) node.textContent = texts[node.dataset.text];
  for (const node of document.querySelectorAll("[data-title]")) { node.title = texts[node.dataset.title]; if (!node.textContent.trim()) node.setAttribute("aria-label", node.title); }
  for (const node of document.querySelectorAll("[data-hint]")) node.title = texts[node.dataset.hint];
  for (const node of document.querySelectorAll("[data-label]")) node.setAttribute("aria-label", texts[node.dataset.label]);
  canvas.setAttribute("aria-label", texts.preview);
  $("framing").replaceChildren(...Object.keys(SLIDERS).map(slider));
  $("lasts").replaceChildren(...LASTS.map((seconds) => {
    const chip = make("button", { type: "button", role: "radio", textContent: seconds ? filled(texts.seconds, seconds) : texts.hold, onclick: () => { choose(seconds); command({ command: "remember", name: "seconds", value: seconds }); } });
    chip.setAttribute("role", "radio"); chip.dataset.seconds = seconds;
    chip.onkeydown = (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      const to = LASTS[(LASTS.indexOf(seconds) + step + LASTS.length) % LASTS.length];
      choose(to, true); command({ command: "remember", name: "seconds", value: to });
    };
    return chip;
  }));
  choose(lasts);
  $("mood").replaceChildren(make("option", { value: "", textContent: texts.plain }), ...hello.emotes.filter((one) => one.held).map(({ name, label }) => make("option", { value: name, textContent: label })));
  $("emotes").replaceChildren(...hello.emotes.map(({ name, label, held }, i) => {
    const button = make("button", { type: "button", onclick: () => emote(name), title: held ? `${label} (${i + 1})` : label }, icon(`e-${name}`), make("span", { textContent: label }));
    button.dataset.emote = name;
    return button;
  }));
}
function choose(seconds, focus = false) {
  lasts = LASTS.includes(seconds) ? seconds : 0;
  for (const chip of $("lasts").children) {
    const on = Number(chip.dataset.seconds) === lasts;
    chip.setAttribute("aria-checked", on); chip.tabIndex = on ? 0 : -1;
    if (on && focus) chip.focus();
  }
}
$("panic").onclick = panic;
$("recenter").onclick = recenter;
$("mirror").onclick = mirror;
$("theme").onclick = () => {
  const dark = getComputedStyle(document.documentElement).colorScheme === "dark";
  theme(dark ? "light" : "dark"); remember("theme", dark ? "light" : "dark");
};
function theme(name) { if (name) document.documentElement.dataset.theme = name; }
theme(new URLSearchParams(location.search).get("theme") ?? remembered("theme"));
for (const node of document.querySelectorAll("details.section")) {
  node.open = (remembered(node.id) ?? (node.open ? "open" : "shut")) === "open";
  node.ontoggle = () => remember(node.id, node.open ? "open" : "shut");
}
addEventListener("keydown", (event) => {
  if (!state || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input:not([type=range], [type=checkbox]), select")) return;
  const key = event.key.toLowerCase(), nth = Number(key) - 1;
  if (key === "p") panic();
  else if (key === "r") recenter();
  else if (key === "m") mirror();
  else if (key === "n") turnPage();
  else if (key === "+" || key === "=") reframe({ zoom: Math.min(state.framing.zoom * 1.1, hello.zoom[1]) });
  else if (key === "-") reframe({ zoom: Math.max(state.framing.zoom / 1.1, hello.zoom[0]) });
  else if (key === "0") emote("none");
  else if (hello.emotes[nth]?.held) emote(hello.emotes[nth].name);
});
new IntersectionObserver(([entry]) => { looked = entry.isIntersecting; if (looked && timer) next(); }).observe(canvas);
addEventListener("visibilitychange", () => { if (!document.hidden && timer) next(); });

// ---- the connection: for as long as the page is open
function lost() {
  for (const done of waiting.values()) done(undefined);
  waiting.clear(); loading = ""; due = null; status.pending = 0;
  document.body.classList.add("gone");
  $("air").className = "bad";
  if (!hello) return;
  put($("word"), hello.texts.lost);
  delete $("alerts").dataset.rows;
  $("alerts").replaceChildren(make("div", { className: "alert busy" }, icon("i-info"), make("p", { textContent: `${hello.texts.lost}\n${hello.texts.lostHow} ` }, make("code", { textContent: "liveavatar panel" }))));
}
function greet(text) {
  const before = hello;
  hello = JSON.parse(text);
  if (before && before.version !== hello.version) return location.reload();
  status.connections += 1;
  if (before?.language !== hello.language) describe();
  next();
}
function connect() {
  socket = new WebSocket(location.href.replace(/^http/, "ws").replace(/#.*/, ""));
  socket.binaryType = "arraybuffer";
  socket.onmessage = ({ data }) => {
    if (typeof data === "string") return greet(data);
    open = false;
    show(data);
    const every = wanted.length ? 0 : document.hidden || !looked ? UNSEEN : EVERY;
    timer = setTimeout(next, clamp(every - (performance.now() - asked), 0, every));
  };
  socket.onclose = () => { open = false; clearTimeout(timer); timer = 0; lost(); setTimeout(connect, AGAIN); };
}
connect();
