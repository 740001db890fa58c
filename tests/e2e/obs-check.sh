#!/bin/bash
# obs-check.sh - does OBS Studio show what comes out of a virtual camera?
#
#   obs-check.sh [-d DEVICE] [-s WxH] [-r FPS] [-o OUTDIR] [-t SECONDS] [-w]
#                -- FEEDER COMMAND...
#
# Starts a feeder, an Xvfb screen and OBS with a scene collection made here (one V4L2 source on
# DEVICE), asks OBS itself for pictures of that source over obs-websocket, and judges them.
# No network, no sound, no GPU, no mouse. Nothing of the user's own OBS settings is read or changed.
#
#   -d  the camera                              (default /dev/video10)
#   -s  size the feeder sends = OBS canvas      (default 320x180)
#   -r  frames per second of both               (default 5)
#   -o  folder for obs.png, obs2.png, obs-scene.png, obs.log, result.json  (default .)
#   -t  time limit in seconds for all of it     (default 600)
#   -w  also take obs-window.png, the OBS window with its live preview (slower)
#   --  what feeds the camera, started in the background, killed at the end
#
# Needs: obs-studio 28 or newer with obs-websocket and V4L2 plug-ins, Xvfb, a software GL driver
# (Debian: obs-studio obs-plugins xvfb libgl1-mesa-dri), v4l2-ctl, python3; ffmpeg for -w only.
# Exit status: 0 OBS shows the live picture; 1 it does not; 2 wrong usage; 77 something is not installed.
set -u
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
DEV=/dev/video10 SIZE=320x180 FPS=5 OUT=. LIMIT=600 WINDOW=
usage() { sed -n '2,/^set -u/p' "${BASH_SOURCE[0]}" | sed '$d; s/^# \{0,1\}//'; exit 2; }
while getopts d:s:r:o:t:wh o; do case $o in
  d) DEV=$OPTARG ;; s) SIZE=$OPTARG ;; r) FPS=$OPTARG ;; o) OUT=$OPTARG ;; t) LIMIT=$OPTARG ;;
  w) WINDOW=1 ;; *) usage ;;
esac; done
shift $((OPTIND - 1))
W=${SIZE%x*} H=${SIZE#*x}
case $W$H in *[!0-9]*|'') usage ;; esac
PORT=${OBS_CHECK_PORT:-4466}
# A camera that is slow for a moment is no error here: OBS would give up on a frame after 5
# frame periods (of the rate the *device* names, 30 by default) and restart the stream.
TIMEOUT_FRAMES=${OBS_CHECK_TIMEOUT_FRAMES:-90} AUTO_RESET=${OBS_CHECK_AUTO_RESET:-true}

t0=$(cut -d' ' -f1 /proc/uptime)
say() { awk -v a="$t0" -v m="$*" '{printf "obs-check: [%5.1f s] %s\n", $1-a, m; fflush()}' /proc/uptime; }
for c in obs Xvfb v4l2-ctl python3; do
  command -v $c > /dev/null || { say "not installed: $c"; exit 77; }
done
[ -c "$DEV" ] || { say "no such camera: $DEV"; exit 77; }
mkdir -p "$OUT" && OUT=$(cd "$OUT" && pwd) || exit 2
rm -f "$OUT"/obs.png "$OUT"/obs2.png "$OUT"/obs-scene.png "$OUT"/obs-window.png "$OUT"/result.json
[ $# -gt 0 ] || usage

TMP=$(mktemp -d) FEED= XPID= OBS=
cleanup() {
  for p in $OBS $FEED $XPID; do kill "$p" 2> /dev/null; done
  for p in $OBS; do                       # OBS ends by itself on SIGTERM only if it is not stuck
    for _ in 1 2 3 4 5 6 7 8 9 10; do kill -0 "$p" 2> /dev/null || break; sleep .3; done
    kill -9 "$p" 2> /dev/null
  done
  [ ! -e "$TMP/obs.log" ] || cp "$TMP/obs.log" "$OUT/obs.log"
  rm -rf "$TMP"
}
trap cleanup EXIT; trap 'exit 130' INT; trap 'exit 143' TERM HUP

# ---- feeder and screen, side by side
"$@" & FEED=$!
SCREEN=640x480x24; [ -z "$WINDOW" ] || SCREEN=1280x720x24
Xvfb -displayfd 3 -screen 0 $SCREEN -nolisten tcp 3> "$TMP/display" > "$TMP/xvfb.log" 2>&1 & XPID=$!

# ---- settings
export XDG_CONFIG_HOME=$TMP/config XDG_CACHE_HOME=${OBS_CHECK_CACHE:-$TMP/cache} XDG_DATA_HOME=$TMP/data
C=$XDG_CONFIG_HOME/obs-studio
mkdir -p "$C/basic/profiles/check" "$C/basic/scenes" "$C/plugin_config/obs-websocket" "$XDG_CACHE_HOME" "$XDG_DATA_HOME"
PASS=$(head -c 16 /dev/urandom | od -An -tx1 | tr -d ' \n')
# global.ini is read up to OBS 30; OBS 31 split it in two and reads both files
cat > "$C/global.ini" <<I
[General]
FirstRun=true
LastVersion=4294967295
InfoIncrement=9999
EnableAutoUpdates=false
ConfirmOnExit=false

[Basic]
Profile=check
ProfileDir=check
SceneCollection=check
SceneCollectionFile=check
ConfigOnNewProfile=false

[BasicWindow]
PreviewEnabled=$([ -n "$WINDOW" ] && echo true || echo false)
ShowTransitions=false

[OBSWebSocket]
FirstLoad=false
ServerEnabled=true
ServerPort=$PORT
AlertsEnabled=false
AuthRequired=true
ServerPassword=$PASS
I
cp "$C/global.ini" "$C/user.ini"
cat > "$C/plugin_config/obs-websocket/config.json" <<I
{"first_load":false,"server_enabled":true,"server_port":$PORT,"alerts_enabled":false,"auth_required":true,"server_password":"$PASS"}
I
cat > "$C/basic/profiles/check/basic.ini" <<I
[General]
Name=check

[Video]
BaseCX=$W
BaseCY=$H
OutputCX=$W
OutputCY=$H
FPSType=1
FPSInt=$FPS
ScaleType=bilinear
I
cat > "$C/basic/scenes/check.json" <<I
{"name":"check","current_scene":"Scene","current_program_scene":"Scene","scene_order":[{"name":"Scene"}],
 "current_transition":"Cut","transition_duration":300,"transitions":[],"quick_transitions":[],"groups":[],"saved_projectors":[],
 "sources":[
  {"id":"v4l2_input","versioned_id":"v4l2_input","name":"camera","enabled":true,"flags":0,"mixers":0,"volume":1.0,
   "settings":{"device_id":"$DEV","input":0,"pixelformat":-1,"resolution":-1,"framerate":-1,"standard":-1,"dv_timing":-1,
               "auto_reset":$AUTO_RESET,"timeout_frames":$TIMEOUT_FRAMES,"buffering":false}},
  {"id":"scene","versioned_id":"scene","name":"Scene","enabled":true,"flags":0,"mixers":0,"volume":1.0,
   "settings":{"custom_size":false,"id_counter":1,"items":[{"name":"camera","id":1,"visible":true,"locked":false,"rot":0.0,
    "pos":{"x":0.0,"y":0.0},"scale":{"x":1.0,"y":1.0},"align":5,"bounds_type":0,"bounds_align":0,"bounds":{"x":0.0,"y":0.0},
    "crop_left":0,"crop_top":0,"crop_right":0,"crop_bottom":0,"scale_filter":"disable","group_item_backup":false,"private_settings":{}}]}}]}
I

# ---- wait for both
i=0
while [ ! -s "$TMP/display" ]; do
  kill -0 $XPID 2> /dev/null || { say "Xvfb ended: $(tail -1 "$TMP/xvfb.log")"; exit 1; }
  i=$((i + 1)); [ $i -lt 600 ] || { say "Xvfb does not start"; exit 1; }
  sleep .2
done
export DISPLAY=:$(tr -d ' \n' < "$TMP/display")
say "screen $DISPLAY is up"
i=0
while ! v4l2-ctl -d "$DEV" --get-fmt-video 2> /dev/null | grep -q "Width/Height *: $W/$H"; do
  kill -0 $FEED 2> /dev/null || { say "the feeder ended before it sent a picture"; exit 1; }
  i=$((i + 1)); [ $i -lt 600 ] || { say "the feeder sends no $SIZE picture to $DEV"; exit 1; }
  sleep .3
done
say "the feeder sends $SIZE to $DEV"

# ---- OBS
export LIBGL_ALWAYS_SOFTWARE=1 QT_QPA_PLATFORM=xcb QT_LOGGING_RULES='*.debug=false' NO_AT_BRIDGE=1
export GALLIUM_DRIVER=${GALLIUM_DRIVER:-llvmpipe} LP_NATIVE_VECTOR_WIDTH=${LP_NATIVE_VECTOR_WIDTH:-128}
# In a QEMU 7.2 guest without KVM the AVX2 code of llvmpipe crashes OBS as it draws the first camera picture
# (kernel log: "llvmpipe-1: segfault"); up to SSE 4.1 it is sound.
export GALLIUM_OVERRIDE_CPU_CAPS=${GALLIUM_OVERRIDE_CPU_CAPS:-sse4.1}
export DBUS_SESSION_BUS_ADDRESS=unix:path=$TMP/no-bus     # fail at once instead of looking for dbus-launch
cat > "$TMP/obs.sh" <<'I'
# As root, in a mount name space of its own: only the plug-ins this check needs (the others cost a
# lot of start-up time on a slow machine: sound, Python and Lua scripting, VLC, DeckLink, PipeWire).
bind() { if command -v mount > /dev/null; then mount --bind "$@"; else busybox mount -o bind "$@"; fi; }
for d in /usr/lib/*/obs-plugins /usr/lib/obs-plugins; do
  [ "${OBS_CHECK_PLUGINS:-few}" = few ] && [ "$IN_NS" = 1 ] && [ -d "$d" ] || continue
  mkdir -p "$TMP/plugins"
  for p in linux-v4l2 obs-websocket obs-transitions obs-ffmpeg obs-x264 obs-outputs rtmp-services; do
    [ ! -e "$d/$p.so" ] || cp "$d/$p.so" "$TMP/plugins/"
  done
  bind "$TMP/plugins" "$d"
done
exec obs --multi --collection check --profile check --disable-updater --disable-shutdown-check \
  --disable-missing-files-check --websocket_port "$PORT" --websocket_ipv4_only --unfiltered_log
I
export TMP PORT IN_NS=0 OBS_CHECK_PASS=$PASS
if [ "$(id -u)" = 0 ] && unshare -m true 2> /dev/null; then IN_NS=1; ns="unshare -m"; else ns=; fi
$ns bash "$TMP/obs.sh" > "$TMP/obs.log" 2>&1 & OBS=$!
used=$(awk -v a="$t0" '{printf "%d", $1-a}' /proc/uptime)
rc=0
python3 "$HERE/obs_probe.py" --port "$PORT" --source camera --scene Scene --out "$OUT" \
  --limit $((LIMIT - used - 10)) || rc=$?
if [ -n "$WINDOW" ] && kill -0 "$OBS" 2> /dev/null; then
  ffmpeg -nostdin -loglevel error -f x11grab -video_size ${SCREEN%x*} -i "$DISPLAY" -frames:v 1 -y "$OUT/obs-window.png" &&
    say "obs-window.png taken"
fi
kill -0 "$FEED" 2> /dev/null || say "note: the feeder has ended before the check did"
n=$(grep -c 'select timed out' "$TMP/obs.log"); [ "$n" = 0 ] || say "note: OBS waited in vain for a frame $n time(s)"
say "done, status $rc"
exit $rc
