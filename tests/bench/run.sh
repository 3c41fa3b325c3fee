#!/bin/bash
# Runs the benches against one throw-away instance. Each prints lines "bench NAME VALUE UNIT" and, for people, lines with '#'.
# usage: run.sh [NAME...]   a bench is tests/bench/bench_NAME.sh, .mjs or .c; other programs of tests/bench are their helpers,
# found in BUILD/bench. Environment for them: RUN_DIR, HTTP_URL, HTTPS_URL, CA_FILE, SOCKET_DIR, BUILD, TOP, WORK.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tests/run/lib.sh
. tests/run/testlib.sh

wanted() {
	local name=$1
	shift
	[ $# = 0 ] || [[ " $* " == *" $name "* ]]
}

bash tests/run/packages.sh run test bench
prepare_work
make_quietly bench-programs || exit 1
# Real durability and the real delays of the queue: what is measured is what a user gets.
# Limits are raised, so that many visitors from one address are many visitors.
export REALNAME_PROOF_TRIES=20 REALNAME_PROOF_VIN_HOUR=1000
DATABASE_FSYNC=on REALNAME_JOB_DELAY_SCALE=1 REALNAME_JOB_POLL_MS=1000 with_instance bench || exit 1
unset REALNAME_PROOF_TRIES REALNAME_PROOF_VIN_HOUR
status=0
ran=0
for file in tests/bench/bench_*; do
	name=${file##*/bench_}
	name=${name%.*}
	wanted "$name" "$@" || continue
	ran=$((ran + 1))
	case $file in
	*.sh) bash "$file" || status=1 ;;
	*.mjs) need_node && "$NODE" "$file" || status=1 ;;
	*.c) "$BUILD/bench/bench_$name" || status=1 ;;
	esac
done
end_instance bench
if [ "$ran" = 0 ]; then
	echo "no bench ran" >&2
	status=1
fi
exit $status
