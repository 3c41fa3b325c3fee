# How test.sh and the benches run one thing and count it. Sourced.
# shellcheck shell=bash

PASSED=0
FAILED=0
FAILURES=()
BESIDE= # the process of a run beside this one
BUILD=${BUILD:-build}
TOP=$PWD
export BUILD TOP

prepare_work() {
	WORK=$(mktemp -d /tmp/realname-test.XXXXXX)
	chmod 711 "$WORK" # the account of the instances must be able to pass
	export WORK
	trap clean_work EXIT
	trap 'exit 130' INT TERM HUP
}

clean_work() {
	local run_dir
	[ -z "$BESIDE" ] || kill "$BESIDE" 2>/dev/null || true # it ends with the file that it is at
	for run_dir in "$WORK"/*/run; do
		[ ! -e "$run_dir/pid" ] || RUN_DIR=$run_dir bash tests/run/instance.sh stop || true
	done
	[ -n "${KEEP-}" ] || rm -rf "$WORK"
}

has_files() {
	local file
	for file in "$@"; do
		[ ! -e "$file" ] || return 0
	done
	return 1
}

# A build that fails is one failed test, with what the compiler said.
make_quietly() {
	local log=$WORK/make.log
	if ! make --no-print-directory -j2 ${CC:+CC="$CC"} BUILD="$BUILD" SANITIZE="${SANITIZE-}" "$@" >"$log" 2>&1; then
		cat "$log"
		FAILED=$((FAILED + 1))
		FAILURES+=("make $*")
		return 1
	fi
}

# run_counted NAME COMMAND...: runs it with a time limit (functions as they are), adds up what it prints, shows failures whole.
run_counted() {
	local name=$1 log status=0 ok bad start=$EPOCHSECONDS
	shift
	log=$WORK/$(tr -c 'a-zA-Z0-9\n' _ <<<"$name").log
	if [ "$(type -t "$1")" = function ]; then
		"$@" >"$log" 2>&1 </dev/null || status=$?
	else
		timeout -k 10 "${TEST_TIMEOUT:-1800}" "$@" >"$log" 2>&1 </dev/null || status=$?
	fi
	if grep -q '^# tests [0-9]' "$log"; then # Node's runner adds up by itself
		ok=$(sed -n 's/^# pass //p' "$log" | tail -n 1)
		bad=$(sed -n 's/^# \(fail\|cancelled\) //p' "$log" | awk '{ n += $1 } END { print n + 0 }')
	else
		ok=$(grep -c '^ok ' "$log" || true)
		bad=$(grep -c '^not ok ' "$log" || true)
	fi
	if [ "$bad" = 0 ] && { [ "$status" != 0 ] || [ "$ok" = 0 ]; }; then
		bad=1
		echo "# ended with status $status after $ok passed (124: took too long; 0: ran no test)" >>"$log"
	fi
	PASSED=$((PASSED + ok))
	FAILED=$((FAILED + bad))
	if [ "$bad" != 0 ]; then
		FAILURES+=("$name")
		say "FAILED  $name: $ok passed, $bad failed"
		failing_lines "$log" | head -n 60 | sed 's/^/  > /' # what is cut off a long log must not be this
		tail -n 400 "$log" | sed 's/^/    /'
	else
		say "  ok    $name: $ok ($((EPOCHSECONDS - start)) s)"
	fi
}

# failing_lines LOG: each line that says that something failed, and with Node's runner what it tells of it (error, values, place).
failing_lines() {
	awk '/^ *(not ok |VIOLATION )/ { print; next_is = 1; next }
		next_is && /^ *---$/ { told = 1 }
		{ next_is = 0 }
		/^ *\.\.\.$/ { told = 0 }
		told && !/^ *(---|duration_ms:|type:)/ { print }' "$1"
}

# run_files GROUP FILE...: shell tests.
run_files() {
	local group=$1 file
	shift
	for file in "$@"; do
		[ ! -e "$file" ] || run_counted "$group $(basename "$file" .sh)" bash "$file"
	done
}

run_node() {
	local group=$1 file
	shift
	for file in "$@"; do
		[ ! -e "$file" ] || run_counted "$group $(basename "$file" .test.mjs)" "$NODE" --test --test-reporter=tap "$file"
	done
}

# run_programs KIND FOLDER SOURCES [PREFIX]: every test_*.c of SOURCES, as built in FOLDER/KIND.
run_programs() {
	local file name
	for file in "$3"/test_*.c; do
		name=$(basename "$file" .c)
		run_counted "${4-}$1 $name" "$2/$1/$name"
	done
}

# Database tests get one cluster; each program a fresh copy of the migrated database.
run_database_programs() {
	local file name
	has_files tests/db/test_*.c || return 0
	PARTS=postgres with_instance database || return 0
	for file in tests/db/test_*.c; do
		name=$(basename "$file" .c)
		fresh_database "$name"
		TEST_DATABASE="host=$SOCKET_DIR dbname=$name user=realname_owner" run_counted "${2}db $name" "$1/db/$name"
	done
	end_instance database
}

fresh_database() {
	as_superuser postgres -c "DROP DATABASE IF EXISTS $1" -c "CREATE DATABASE $1 TEMPLATE realname OWNER realname_owner"
}

as_superuser() {
	local database=$1
	shift
	PGOPTIONS='-c client_min_messages=warning' psql -X -q -h "$SOCKET_DIR" -U postgres -d "$database" -v ON_ERROR_STOP=1 "$@"
}

endpoint() {
	sed -n "s/^ *\"$1\": \"\(.*\)\",\{0,1\}$/\1/p" "$RUN_DIR/endpoints.json"
}

# with_instance NAME: starts one and exports what tests need to reach it. Limits that count an address are wide, since all
# tests come from one; a test of those limits starts an instance of its own.
with_instance() {
	make_quietly all || return 1
	mkdir -p "$WORK/$1"
	chmod 711 "$WORK/$1"
	export RUN_DIR=$WORK/$1/run
	REQUEST_RATE=100000r/s UPLOAD_RATE=100000r/s CONNECTIONS=10000 UPLOADS=10000 DATABASE_FSYNC="${DATABASE_FSYNC-off}" OWNER_PID=$$ PORT=0 TLS_PORT=0 INSTRUCTION_PORT=0 \
		REALNAME_JOB_DELAY_SCALE="${REALNAME_JOB_DELAY_SCALE-0.02}" REALNAME_JOB_POLL_MS="${REALNAME_JOB_POLL_MS-50}" REALNAME_SMS_ADDRESS_HOUR=100000 \
		REALNAME_SMS_PHONE_HOUR=5 REALNAME_SMS_PHONE_DAY=10 REALNAME_SIGNIN_PHONE_HOUR=100 REALNAME_SIGNIN_PHONE_DAY=100 \
		REALNAME_SIGNIN_ADDRESS_HOUR=100000 REALNAME_SIGNIN_BUDGET_DAY=1000000 REALNAME_SMS_BUDGET_DAY=1000000 REALNAME_PROOF_ADDRESS_HOUR=100000 \
		bash tests/run/instance.sh start >"$WORK/$1/start.log" 2>&1 || {
		cat "$WORK/$1/start.log"
		FAILED=$((FAILED + 1))
		FAILURES+=("start of the $1 instance")
		return 1
	}
	SOCKET_DIR=$(endpoint database_socket)
	HTTP_URL=$(endpoint http)
	HTTPS_URL=$(endpoint https)
	CA_FILE=$(endpoint ca)
	HOST_CA_CERTS=${HOST_CA_CERTS-${NODE_EXTRA_CA_CERTS-}} # for what is fetched from outside meanwhile
	NODE_EXTRA_CA_CERTS=$CA_FILE
	export SOCKET_DIR HTTP_URL HTTPS_URL CA_FILE NODE_EXTRA_CA_CERTS HOST_CA_CERTS
}

end_instance() {
	RUN_DIR=$WORK/$1/run bash tests/run/instance.sh stop || FAILURES+=("stop of the $1 instance")
	unset RUN_DIR
}

node_is_new_enough() {
	command -v "$1" >/dev/null && [ "$("$1" -p 'process.versions.node.split(".")[0]')" -ge 20 ]
}

# Node 20 or later: from PATH, else npm's package "node" (Debian 12 has 18). Sets NODE; installs tests/node_modules.
need_node() {
	[ -z "${NODE-}" ] || return 0
	if node_is_new_enough node; then
		NODE=$(command -v node)
	else
		NODE=$TOP/build/node/node_modules/node/bin/node
		if ! node_is_new_enough "$NODE"; then
			say "installing Node 20 from npm into build/node"
			mkdir -p build/node
			npm install --loglevel=error --no-audit --no-fund --prefix build/node node@20.20.2 || npm install --loglevel=error --no-audit --no-fund --prefix build/node node@20
		fi
		export PATH=$TOP/build/node/node_modules/node/bin:$PATH
	fi
	export NODE
	if [ ! -e tests/node_modules/.package-lock.json ] || [ tests/package-lock.json -nt tests/node_modules/.package-lock.json ]; then
		say "installing the test packages of tests/package.json"
		(cd tests && npm ci --loglevel=error --no-audit --no-fund)
		touch tests/node_modules/.package-lock.json
	fi
}

# Style is advice here, not a failure: the tool's versions differ.
advise_format() {
	local changed
	command -v clang-format >/dev/null || return 0
	mapfile -t changed < <(git diff --name-only --diff-filter=d HEAD -- '*.c' '*.h'; git ls-files --others --exclude-standard '*.c' '*.h')
	[ ${#changed[@]} -gt 0 ] || return 0
	clang-format --dry-run "${changed[@]}" 2>&1 | grep -c 'warning:' | sed 's/^/  advice: places that make format would change: /' || true
}

# add_result LOG: what another run told with tell_result.
add_result() {
	local ok bad failure
	while read -r failure; do
		FAILURES+=("$failure")
	done < <(sed -n 's/^failed: //p' "$1")
	if ! read -r ok bad < <(sed -n '$s/^\([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p' "$1"); then
		ok=0 bad=1
		FAILURES+=("a run beside this one that did not come to its end")
	fi
	PASSED=$((PASSED + ok))
	FAILED=$((FAILED + bad))
}

tell_result() {
	local failure
	for failure in "${FAILURES[@]}"; do
		say "failed: $failure"
	done
	say "$PASSED passed, $FAILED failed"
	[ "$FAILED" = 0 ] && [ ${#FAILURES[@]} = 0 ] && [ "$PASSED" -gt 0 ]
}
