#!/bin/bash
# Runs every test against throw-away instances and ends with "N passed, N failed".
# usage: test.sh [GROUP...]   groups: lint unit sanitized db web browser torture fuzz
# A C test prints lines "ok NAME" and "not ok NAME"; so does a shell test; a .mjs file runs under Node's own runner (TAP).
# Environment: BUILD, SANITIZE, FUZZ_SECONDS (10), TEST_TIMEOUT (1800 s for one file), KEEP=1 keeps the working directory.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tests/run/lib.sh
. tests/run/testlib.sh

ALL_GROUPS=(lint unit sanitized db web browser torture fuzz)
[ $# -gt 0 ] || set -- "${ALL_GROUPS[@]}"

group_lint() {
	local file
	for file in tests/lint/*.sh; do
		run_counted "lint $(basename "$file" .sh)" run_lint "$file"
	done
	advise_format
}

# A lint may print its own "ok" lines, or only complain and end with a status.
run_lint() {
	local status=0 out
	out=$(bash "$1" 2>&1) || status=$?
	printf '%s\n' "$out"
	grep -qE '^(not )?ok ' <<<"$out" || { [ $status = 0 ] && echo "ok $1" || echo "not ok $1"; }
}

group_unit() {
	has_files tests/unit/test_*.c || return 0
	make_quietly unit || return 0
	run_programs unit "$BUILD" tests/unit
}

# The C tests once more, built with AddressSanitizer and UndefinedBehaviorSanitizer (unless everything is already).
group_sanitized() {
	local folder=build-address-undefined
	if [ -n "${SANITIZE-}" ] || ! has_files tests/unit/test_*.c; then
		return 0
	fi
	SANITIZE=address,undefined BUILD=$folder make_quietly unit db-tests || return 0
	export UBSAN_OPTIONS=print_stacktrace=1
	run_programs unit "$folder" tests/unit sanitized/
	run_database_programs "$folder" sanitized/
}

group_db() {
	has_files tests/db/test_*.c || return 0
	make_quietly db-tests || return 0
	run_database_programs "$BUILD" ""
}

group_web() {
	has_files tests/web/t*.sh tests/web/*.test.mjs || return 0
	if has_files tests/web/*.test.mjs; then
		need_node
	fi
	with_instance web || return 0
	run_files web tests/web/t*.sh
	run_node web tests/web/*.test.mjs
	end_instance web
}

group_browser() {
	has_files tests/browser/*.test.mjs || return 0
	need_node
	with_instance browser || return 0
	run_node browser tests/browser/*.test.mjs
	end_instance browser
}

# Faults while messages go out (FAULTS, SEED, SCALE: tests/torture/run.mjs).
group_torture() {
	need_node
	make_quietly torture-programs || return 0
	run_counted torture "$NODE" tests/torture/run.mjs
}

group_fuzz() {
	local file name found seeds
	has_files tests/fuzz/fuzz_*.c || return 0
	CC=clang SANITIZE=fuzzer-no-link,address,undefined BUILD=build-fuzz make_quietly fuzz-programs || return 0
	for file in tests/fuzz/fuzz_*.c; do
		name=$(basename "$file" .c)
		found=$WORK/$name
		mkdir -p "$found/corpus" "$found/artifacts"
		seeds=("tests/fuzz/corpus/${name#fuzz_}" "tests/fuzz/corpus/$name")
		run_counted "fuzz $name" run_fuzz "$name" "$found" "${seeds[@]}"
	done
}

# run_fuzz NAME DIRECTORY SEEDS...: what it finds new goes to DIRECTORY; folders of seeds that are not there are left out.
run_fuzz() {
	local name=$1 found=$2 folder seeds=()
	shift 2
	for folder in "$@"; do
		[ ! -d "$folder" ] || seeds+=("$folder")
	done
	if build-fuzz/fuzz/"$name" -max_total_time="${FUZZ_SECONDS:-10}" -timeout=5 -rss_limit_mb=2048 -print_final_stats=1 \
		-artifact_prefix="$found/artifacts/" "$found/corpus" "${seeds[@]}" 2>&1; then
		echo "ok $name"
	else
		for found in "$found"/artifacts/*; do
			echo "# $(basename "$found"), base64: $(base64 -w0 "$found" | head -c 4000)"
		done
		echo "not ok $name"
	fi
}

# In a run of every group the browser, which mostly waits, has a run of its own beside all others. Both use what is built here.
browser_beside() {
	need_node
	make_quietly all unit db-tests torture-programs || return 0
	PORT_RANGE="20000 25999" bash tests/run/test.sh browser >"$WORK/beside.log" 2>&1 </dev/null &
	BESIDE=$!
	export PORT_RANGE="26000 31999"
}

add_browser() {
	wait "$BESIDE" || true
	BESIDE=
	sed -e '$d' -e '/^failed: /d' "$WORK/beside.log"
	add_result "$WORK/beside.log"
}

bash tests/run/packages.sh run test
prepare_work
for group in "$@"; do
	[[ " ${ALL_GROUPS[*]} " == *" $group "* ]] || die "no such group: $group (there are ${ALL_GROUPS[*]})"
done
[ "$*" != "${ALL_GROUPS[*]}" ] || browser_beside
for group in "$@"; do
	[ "$group" != browser ] || [ -z "$BESIDE" ] || continue
	say "== $group"
	"group_$group"
done
[ -z "$BESIDE" ] || add_browser
tell_result
