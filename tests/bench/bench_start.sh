#!/bin/bash
# How long a second "make run" takes until the site serves: everything is built, the data are there.
set -euo pipefail
. tests/run/lib.sh

export RUN_DIR=$WORK/start/run PORT TLS_PORT INSTRUCTION_PORT
draw_port PORT
draw_port TLS_PORT
draw_port INSTRUCTION_PORT
mkdir -p "$WORK/start"
chmod 711 "$WORK/start"

serving() {
	[ "$(http_status "$PORT" /readyz 2>/dev/null)" = 200 ]
}

# start_once: microseconds from the command to the first good answer; leaves nothing running.
start_once() {
	local began=${EPOCHREALTIME/./} took
	setsid make --no-print-directory run BUILD="$BUILD" >"$WORK/start/log" 2>&1 </dev/null &
	wait_until 120 serving || { cat "$WORK/start/log" >&2; die "make run does not serve"; }
	took=$((${EPOCHREALTIME/./} - began))
	bash tests/run/instance.sh stop
	wait $! 2>/dev/null || true
	echo "$took"
}

first=$(start_once)
times=()
for _ in 1 2 3; do
	times+=("$(start_once)")
done
median=$(printf '%s\n' "${times[@]}" | sort -n | sed -n 2p)
seconds() {
	awk -v us="$1" 'BEGIN { printf "%.1f", us / 1000000 }'
}
echo "bench start.again_s $(seconds "$median") s"
echo "# median of $(for one in "${times[@]}"; do echo -n "$(seconds "$one") "; done)s; the first start of this data took $(seconds "$first") s"
