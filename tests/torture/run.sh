#!/bin/bash
# Builds what the torture run needs and runs it in an instance of its own. Environment: FAULTS, SEED, SCALE, FIRST, KINDS (run.mjs), KEEP.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tests/run/lib.sh
. tests/run/testlib.sh

bash tests/run/packages.sh run test
prepare_work
need_node
make_quietly torture-programs || exit 1
"$NODE" tests/torture/run.mjs
