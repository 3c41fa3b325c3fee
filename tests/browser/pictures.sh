#!/bin/bash
# usage: pictures.sh [FROM]. Makes the pictures of docs/img from the screenshots of the last run of the browser tests: the top of
# the page as a phone shows it, few colours. Only run when the pages have changed.
set -euo pipefail
cd "$(dirname "$0")/../.."
from=${1:-build/screenshots}
mkdir -p docs/img
while read -r shot name; do
	ffmpeg -nostdin -v error -y -i "$from/$shot-390.png" -vf \
		"pad=390:max(ih\,844):0:0:0xf2f5f3,crop=390:844:0:0,split[a][b];[a]palettegen=max_colors=128[p];[b][p]paletteuse=dither=none" \
		-frames:v 1 -update 1 "docs/img/$name.png"
done <<'END_OF_LIST'
journey-01-home home
journey-03-vehicle vehicle
journey-08-front-read certificate
journey-14-recording recording
journey-17-check check
journey-19-records records
END_OF_LIST
ls -l docs/img
