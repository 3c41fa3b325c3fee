#!/bin/bash
# A lower folder of cgi/ never includes a higher one. The number is the layer; folders of one layer may use each other.
set -u
declare -A layer=(
	[base]=0 [image]=1 [db]=1 [tpl]=1 [http]=2 [domain]=2 [t1]=3 [store]=3 [providers]=3
	[flow]=4 [jobs]=4 [operator]=4
)
bad=0
while IFS=: read -r file include; do
	from=$(cut -d/ -f2 <<<"$file")
	to=${include#*\"}
	to=${to%%/*}
	[ -n "${layer[$to]-}" ] || continue
	if [ "${layer[$to]}" -gt "${layer[$from]:-9}" ]; then
		echo "# $file includes $to/: ${layer[$from]} below ${layer[$to]}"
		bad=1
	fi
done < <(grep -H '^#include "[a-z0-9_]*/' cgi/*/*.[ch])
for folder in cgi/*/; do
	folder=$(basename "$folder")
	if [ -z "${layer[$folder]-}" ]; then
		echo "# cgi/$folder has no layer: add it to this file"
		bad=1
	fi
done
if [ $bad = 0 ]; then echo "ok layers_go_one_way"; else echo "not ok layers_go_one_way"; fi
