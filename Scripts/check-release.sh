#!/usr/bin/env bash
# Unpacks the newest tarball of dist in a fresh Debian 12 without Swift, and tries it there by its own instructions.
#
#   Scripts/check-release.sh [MODEL.gguf]
#
# Needs root and debootstrap; nothing outside the folder that it makes and removes is changed.
set -euo pipefail
cd "$(dirname "$0")/.."

model=${1:-}
tarball=$(ls -t dist/laser-*.tar.gz 2>/dev/null | head -1)
[ -n "$tarball" ] || { echo "check-release: dist has no tarball; make release writes one" >&2; exit 1; }
[ "$(id -u)" = 0 ] && command -v debootstrap >/dev/null || {
  echo "check-release: needs root and debootstrap (apt-get install debootstrap)" >&2
  exit 1
}

root=$(mktemp -d)
leave() {
  # Nothing is removed below a file system that is not ours.
  if mountpoint -q "$root/proc" && ! umount "$root/proc"; then
    echo "check-release: $root/proc is still mounted; umount it and remove $root" >&2
    return
  fi
  rm -rf "${root:?}" "$root.log"
}
trap leave EXIT

debootstrap --variant=minbase bookworm "$root" >"$root.log" || { tail "$root.log" >&2; exit 1; }
mount -t proc proc "$root/proc"
# The packages that INSTALL.txt names, and nothing else.
cp -L /etc/resolv.conf "$root/etc/"
packages=$(tar -xOzf "$tarball" --wildcards '*/INSTALL.txt' | sed -n 's/^ *apt-get install //p')
chroot "$root" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $packages \
  >/dev/null
tar -xzf "$tarball" --strip-components=1 --directory="$root/usr/local" --wildcards '*/bin' '*/share'
if [ -n "$model" ]; then cp "$model" "$root/tmp/model.gguf"; fi

# `env -i`, so that nothing of this machine's settings helps.
inside() {
  echo "+ $*"
  chroot "$root" env -i HOME=/root PATH=/usr/local/bin:/usr/bin:/bin LC_ALL=C.UTF-8 sh -c "cd /tmp && $*"
}
inside 'command -v swift swiftc && exit 1; laser --version'
inside 'laser doctor'
inside 'test -s /usr/local/share/man/man1/laser-search.1'
if [ -n "$model" ]; then
  inside 'laser generate --model model.gguf --prompt "The capital of France is" --edit Uout:28:0.4 --tokens 8'
  inside 'laser search --model model.gguf --task counterfact --data /usr/local/share/laser/counterfact.json \
    --limit 50 --kinds Uout --layers 28 --rhos 0.4,0.8 -o run'
fi
inside "laser demo --output demo ${model:+--model model.gguf}"
# The command that INSTALL.txt names leaves no file.
removal=$(tar -xOzf "$tarball" --wildcards '*/INSTALL.txt' | sed -n '/^ *cd .* && rm /,/[^\\]$/p')
inside "${removal:?}"
inside 'test -z "$(find /usr/local -type f)"'
echo "$tarball works in a Debian 12 without Swift."
