#!/bin/bash
# usage: static.sh FROM TO. Makes what nginx serves: each file of FROM under a name with the first 8 digits of its SHA-256
# (app.css -> app.1a2b3c4d.css), a compressed copy beside it, manifest.txt with one line "NAME PATH" a file, and the error
# pages. The scripts of a folder become one script of its name (app/*.js -> app.js). A mention of /static/NAME inside CSS, scripts and error pages becomes the new name.
set -euo pipefail
from=$1
to=$2
new=$to.new
rm -rf "$new"
mkdir -p "$new/errors"
renames=""

# Comments are for us, not for the phone's data plan. Strings with "/*" inside do not occur in our CSS.
strip_css() {
	awk '{
		line = $0; out = ""
		while (line != "") {
			if (inside) {
				at = index(line, "*/")
				if (!at) { line = ""; break }
				line = substr(line, at + 2); inside = 0
			} else {
				at = index(line, "/*")
				if (!at) { out = out line; line = ""; break }
				out = out substr(line, 1, at - 1); line = substr(line, at + 2); inside = 1
			}
		}
		sub(/^[ \t]+/, "", out); sub(/[ \t]+$/, "", out)
		if (out != "") print out
	}'
}

# The scripts of a folder, in the order of their names, inside one function: they share their names with nobody else.
join_scripts() {
	printf "(function () {\n'use strict';\n"
	cat "$1"/*.js
	echo "})();"
}

# add_file FILE: a folder is one of scripts.
add_file() {
	local file=$1 name=${1#"$from/"} content path
	content=$new/.content
	if [ -d "$file" ]; then
		join_scripts "$file" >"$new/.joined"
		file=$new/.joined
		name=$name.js
	fi
	case $name in
	*.css) sed "$renames" "$file" | strip_css >"$content" ;;
	*.js) sed "$renames" "$file" | sed '/^[ \t]*\/\/ /d' >"$content" ;;
	*) cp "$file" "$content" ;;
	esac
	path=${name%.*}.$(sha256sum "$content" | cut -c1-8).${name##*.}
	mkdir -p "$(dirname "$new/$path")"
	mv "$content" "$new/$path"
	rm -f "$new/.joined"
	case $name in
	*.css | *.js | *.svg | *.json | *.txt) gzip -9 -n -k "$new/$path" ;;
	esac
	echo "$name /static/$path" >>"$new/manifest.txt"
	renames+="s#/static/${name//./\\.}\\b#/static/$path#g;"
}

# What nginx answers by itself: a page, the same in large text for who has switched to it, and JSON for scripts, in the members of the
# application. Columns: status, error of the JSON, title and text of the page, text of the JSON.
write_errors() {
	local status error title text json
	while IFS='|' read -r status error title text json; do
		sed "$renames" "$from/errors/page.html" | sed "s/@TITLE@/$title/; s/@TEXT@/$text/" >"$new/errors/$status.html"
		sed 's#<body>#<body data-mode="care">#; s#"/care/on">大字版#"/care/off">标准版#' "$new/errors/$status.html" >"$new/errors/$status.care.html"
		printf '{"error":"%s","text":"%s"}\n' "$error" "$json" >"$new/errors/$status.json"
	done <<'END'
400|invalid|这个请求不完整|刚才的请求没有传完整，或者网址太长。请从首页重新进入。|请求没有传完整，请从首页重新进入
413|too_large|文件太大了|超过了上一页写明的大小。请返回上一页，重新拍摄，或另选一个小一些的。|文件太大，请压缩或重新拍摄后再上传
429|limit|请稍后再试|操作次数较多，请过几分钟再试。|操作太频繁，请稍候再试
502|unavailable|服务暂时连不上|我们正在恢复，请过几分钟再试。|系统正忙，您已填写的内容已保存，请稍候再试
503|unavailable|服务暂时不可用|正在维护，或现在办理的人较多，请过几分钟再试。|系统正忙，您已填写的内容已保存，请稍候再试
504|timeout|等待的时间太长了|这次处理没有在限定时间内完成。请过几分钟再回来看看，不要重复提交。|处理时间过长，请稍候再试
END
}

: >"$new/manifest.txt"
# Pictures first: style sheets and scripts mention them.
while IFS= read -r file; do
	add_file "$file"
done < <(
	find "$from" -type f -not -path "$from/errors/*" -not -name '*.css' -not -name '*.js' | LC_ALL=C sort
	find "$from" -type f -name '*.css' | LC_ALL=C sort
	find "$from" -mindepth 2 -type f -name '*.js' -printf '%h\n' | LC_ALL=C sort -u
)
write_errors
rm -rf "$to"
mv "$new" "$to"
touch "$to/manifest.txt"
