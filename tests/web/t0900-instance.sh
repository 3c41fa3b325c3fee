#!/bin/bash
# An instance of its own: it starts, refuses a second one in the same place, restarts what dies, goes on with the same data,
# and leaves no process behind.
set -u
. tests/run/lib.sh
work=$WORK/instance
mkdir -p "$work" && chmod 711 "$work"
export RUN_DIR=$work/run PORT=0 TLS_PORT=0 INSTRUCTION_PORT=0 OWNER_PID=$$ DATABASE_FSYNC=off

report() {
	if [ "$1" = 0 ]; then echo "ok $2"; else echo "not ok $2"; fi
}
port() {
	cut -d' ' -f1 "$RUN_DIR/ready"
}
# processes_of WORD: the numbers of the processes that have it in their command line.
processes_of() {
	local file line
	for file in /proc/[0-9]*/cmdline; do
		line=$({ tr '\0' ' ' <"$file"; } 2>/dev/null) || continue
		[[ $line != *"$1"* ]] || basename "$(dirname "$file")"
	done
}
gone() {
	[ -z "$(processes_of "$place/")" ]
}
serves() {
	[ "$(http_status "$(port)" /healthz 2>/dev/null)" = 200 ]
}

bash tests/run/instance.sh start >/dev/null
report $? instance_starts
serves
report $? instance_serves
place=$(realpath "$RUN_DIR")
bash tests/run/instance.sh run 2>&1 >/dev/null | grep -q "in use by another instance"
report $? instance_refuses_a_second_in_the_same_place
before=$(cat "$RUN_DIR/keys/master.keys" "$RUN_DIR/tls/ca.pem")

parent=$(processes_of "$place/app/bin/realname-web" | sort -n | head -n 1)
kill -KILL "$parent"
wait_until 5 test ! -e "/proc/$parent"
wait_until 10 serves
report $? instance_restarts_web

bash tests/run/instance.sh stop
report $? instance_stops
wait_until 2 gone
report $? instance_leaves_no_process

bash tests/run/instance.sh start >/dev/null && serves
report $? instance_starts_again
[ "$before" = "$(cat "$RUN_DIR/keys/master.keys" "$RUN_DIR/tls/ca.pem")" ]
report $? instance_keeps_its_keys
kill -KILL "$(cat "$RUN_DIR/pid")"
wait_until 20 gone
report $? instance_killed_leaves_no_process
bash tests/run/instance.sh start >/dev/null && serves && bash tests/run/instance.sh stop
report $? instance_recovers_after_a_kill
