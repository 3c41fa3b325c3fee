# The sample data, and what a person is told to try with them. Uses ctl, DATA, PORT, TLS_PORT, STANDIN_PORT.
# shellcheck shell=bash

# The files name the carrier's address with @CARRIER@, since the stand-in takes a free port.
fill_sample() {
	rm -rf "$DATA/sample"
	cp -r "$DATA/app/sample" "$DATA/sample"
	find "$DATA/sample" -type f -name '*.json' -exec sed -i "s#@CARRIER@#https://127.0.0.1:${STANDIN_PORT[carrier]}#g" {} +
}

# Loaded again only when the files, the carrier's address or the schema changed.
load_sample() {
	local stamp
	[ -d "$DATA/app/sample" ] || return 0
	fill_sample
	stamp=$(cat "$DATA"/app/sql/*.sql <(find "$DATA/sample" -type f -print0 | sort -z | xargs -0 cat) | sha256sum)
	if [ "$stamp" = "$(cat "$DATA/sample.stamp" 2>/dev/null)" ]; then
		return 0
	fi
	load_sample_files || return 1
	echo "$stamp" >"$DATA/sample.stamp"
}

load_sample_files() {
	local file sample=$DATA/sample
	ctl automaker load "$sample/automaker.json" || return 1
	for file in "$sample"/agreements/*; do
		ctl agreement load "$file" || return 1
	done
	ctl carrier load "$sample/carrier.json" || return 1
	ctl import "$sample/cars.csv"
}

# The first car of the file: its VIN and the last six of its engine or motor number.
sample_car() {
	awk -F, 'NR == 1 { sub(/^\357\273\277/, ""); for (i = 1; i <= NF; i++) column[$i] = i }
		NR == 2 { number = $column["EngineNum"]; if (number == "") number = $column["MotorNum"]
			print $column["VIN"], substr(number, length(number) - 5) }' "$DATA/sample/cars.csv" | tr -d '"\r'
}

tell_how_to_try() {
	local vin proof
	read -r vin proof < <(sample_car) || true
	say ""
	say "  http://127.0.0.1:$PORT/"
	say "  https://127.0.0.1:$TLS_PORT/   (self-signed; the authority is $SHOWN_RUN_DIR/tls/ca.pem)"
	say ""
	say "  sample car (VIN):               ${vin-}"
	say "  last six of its engine number:  ${proof-}"
	say "  phone to try:                   13800138000, or any other of 11 digits"
	say "  SMS that it gets:               $SHOWN_RUN_DIR/standin/sms/messages.txt"
	say "  the operator's command:         RUN_DIR=$SHOWN_RUN_DIR build/bin/realnamectl"
	say ""
	say "  Ctrl-C stops everything; the data stay in $SHOWN_RUN_DIR. What happens:"
	say ""
}
