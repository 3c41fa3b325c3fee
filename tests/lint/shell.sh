#!/bin/bash
# Every shell script parses, is short enough to read, and shellcheck (when it is there) has no error.
set -u
while IFS= read -r file; do
	if ! message=$(bash -n "$file" 2>&1); then
		echo "# $message"
		echo "not ok shell_parses $file"
	elif [ "$(wc -l <"$file")" -gt 300 ]; then
		echo "not ok shell_is_short $file"
	elif command -v shellcheck >/dev/null && ! message=$(shellcheck -s bash -S error "$file" 2>&1); then
		echo "# $message"
		echo "not ok shell_is_clean $file"
	else
		echo "ok shell $file"
	fi
done < <(find tests/run tests/lint tests/web tests/bench nginx -name '*.sh' | LC_ALL=C sort)
