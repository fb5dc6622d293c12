#!/usr/bin/env bash
# lifecycle.sh FOLDER: builds the programs of Cloud Native Buildpacks that a builder and its images need into a folder, with Go and from
# its module proxy, unless they are there. The phase `extender`, which needs kaniko and which these tests do not use, is left out.
set -euo pipefail
module=github.com/buildpacks/lifecycle version=v0.21.17
[ "$(cat "$1/version" 2> /dev/null)" != $version ] || exit 0
source=$(mktemp -d)
trap 'rm -rf "$source"' EXIT
cp -r "$(go mod download -json $module@$version | node -p 'JSON.parse(require("fs").readFileSync(0)).Dir')/." "$source"
chmod -R u+w "$source"
cat > "$source/cmd/lifecycle/extender.go" <<'GO'
package main

import (
	"github.com/buildpacks/lifecycle/cmd/lifecycle/cli"
	"github.com/buildpacks/lifecycle/platform"
)

type extendCmd struct {
	cli.Command
	Platform *platform.Platform
}
GO
mkdir -p "$1"
GOBIN=$(realpath "$1") CGO_ENABLED=0 go -C "$source" install -trimpath -ldflags '-s -w' ./cmd/lifecycle ./cmd/launcher
echo $version > "$1/version"
