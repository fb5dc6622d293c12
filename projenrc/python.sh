#!/usr/bin/env bash
# Tests the Python package: builds it, installs it in a virtual environment, and compares the YAML of
# test/python/minimal.py with that of the same TypeScript program, byte by byte. The argument of both is the output folder.
#
#   npm run test:python    requires python3 with venv, and network access for pip
#
# Installs nothing outside a temporary folder, which is deleted at the end.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

workplace=$(mktemp -d)
trap 'rm -rf "$workplace"' EXIT
export TMPDIR=$workplace # jsii and npm leave files behind

# The same versions as in TypeScript, since a newer cdk8s may write different YAML.
for package in cdk8s cdk8s-plus-27 constructs; do
  node -p "'$package==' + JSON.parse(require('fs').readFileSync('node_modules/$package/package.json')).version"
done > "$workplace/constraints.txt"

echo "python: building the wheel"
jsii-pacmak --target python --outdir "$workplace/dist"

echo "python: installing it with $(tr '\n' ' ' < "$workplace/constraints.txt")"
python3 -m venv "$workplace/venv"
"$workplace/venv/bin/pip" install --quiet --disable-pip-version-check --constraint "$workplace/constraints.txt" "$workplace"/dist/python/*.whl

echo "python: synthesizing with both"
mkdir "$workplace/from-python" "$workplace/from-typescript"
"$workplace/venv/bin/python" test/python/minimal.py "$workplace/from-python"
tsx --tsconfig tsconfig.dev.json test/python/minimal.ts "$workplace/from-typescript"

[ -n "$(ls "$workplace/from-typescript")" ] || { echo "python: minimal.ts wrote nothing to compare" >&2; exit 1; }
diff -r "$workplace/from-typescript" "$workplace/from-python"
echo "python: the same bytes in $(ls "$workplace/from-python" | wc -l) files"
