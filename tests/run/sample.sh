# The sample data, and what a person is told to try with them. Uses ctl, DATA, PORT, TLS_PORT, INSTRUCTION_PORT, LINK_PORT, SFTP_FILES.
# shellcheck shell=bash

# The files name what differs between instances, as the carrier's address, with @WORDS@.
fill_sample() {
	rm -rf "$DATA/sample"
	[ -d "$DATA/app/sample" ] || return 0
	cp -r "$DATA/app/sample" "$DATA/sample"
	find "$DATA/sample" -type f -name '*.json' -exec sed -i -e "s#@CARRIER@#https://127.0.0.1:${LINK_PORT[carrier]}#g" \
		-e "s#\"@SFTP_PORT@\"#${LINK_PORT[sftp]}#; s#@SFTP_USER@#$(id -un)#; s#@SFTP_HOST_KEY@#$(sftp_host_key)#; s#@SFTP_FILES@#$SFTP_FILES#" {} +
}

# Loaded again only when the files, the carrier's address or the schema changed.
load_sample() {
	local stamp
	[ -d "$DATA/sample" ] || return 0
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
	for file in "$sample"/agreements/*.txt; do # the file's name is the kind of text
		ctl agreement load "$(basename "$file" .txt)" "$file" || return 1
	done
	ctl carrier load "$sample/carrier.json" || return 1
	ctl import "$sample/cars.csv" || return 1
	ctl import "$sample/fleet-cars.csv" || return 1
	ctl import-fleet "$sample/fleet.csv"
}

# sample_column NAME...: the first of these columns that the first car has a value in. The file has no quoted commas there.
sample_column() {
	awk -F, -v names="$*" 'NR == 1 { sub(/^\357\273\277/, "") } { gsub(/["\r]/, "") }
		NR == 1 { for (i = 1; i <= NF; i++) column[$i] = i }
		NR == 2 { n = split(names, name, " ")
			for (i = 1; i <= n; i++) if ((name[i] in column) && $column[name[i]] != "") { print $column[name[i]]; exit } }' "$DATA/sample/cars.csv"
}

# Who we are at the sample carrier.
sample_platform_id() {
	sed -n 's/.*"platform_id": *"\([^"]*\)".*/\1/p' "$DATA/sample/carrier.json" | head -n 1
}

tell_how_to_try() {
	local vin proof
	vin=$(sample_column VIN)
	proof=$(sample_column EngineNum MotorNum)
	say ""
	say "  http://127.0.0.1:$PORT/"
	say "  https://127.0.0.1:$TLS_PORT/   (self-signed; the authority is $SHOWN_RUN_DIR/tls/ca.pem)"
	say ""
	say "  sample car (VIN):               $vin"
	say "  last six of its engine number:  ${proof: -6}"
	say "  phone to try:                   13800138000, or any other of 11 digits"
	say "  company with 36 cars:           sign in with 13800138001; with 13800138002 there are two companies to choose from"
	say "  SMS that it gets:               $SHOWN_RUN_DIR/standin/sms/messages.txt"
	say "  what carriers call:             https://127.0.0.1:$INSTRUCTION_PORT/t1/instruction (docs/t1.md)"
	say "  files that the carrier gets:    $SFTP_FILES"
	say "  the operator's command:         RUN_DIR=$SHOWN_RUN_DIR build/bin/realnamectl"
	say ""
	say "  Ctrl-C stops everything; the data stay in $SHOWN_RUN_DIR. What happens:"
	say ""
}
