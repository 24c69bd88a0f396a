#!/usr/bin/env bash
# Puts a built laser, its manual pages, its completions and what `laser demo` works on below a prefix.
#
#   Scripts/install.sh BINARY PREFIX
#   Scripts/install.sh --remove PREFIX
set -euo pipefail
# Whoever installs: others read it too.
umask 022
cd "$(dirname "$0")/.."

binary=$1
prefix=$2
bash_completion=$prefix/share/bash-completion/completions/laser
zsh_completion=$prefix/share/zsh/site-functions/_laser
fish_completion=$prefix/share/fish/vendor_completions.d/laser.fish

if [ "$binary" = --remove ]; then
  rm -f "$prefix/bin/laser" "$prefix/bin/laser-avx512" "$prefix"/share/man/man1/laser.1 "$prefix"/share/man/man1/laser-*.1 \
    "$bash_completion" "$zsh_completion" "$fish_completion"
  rm -rf "$prefix/share/laser"
  echo "laser is removed from $prefix"
  exit
fi

mkdir -p "$prefix/bin" 2>/dev/null && [ -w "$prefix/bin" ] || {
  echo "install: $prefix/bin cannot be written; name another place (make install PREFIX=\$HOME/.local) or use sudo" >&2
  exit 1
}
# What is not in the tree any more shall not stay in the prefix.
rm -rf "$prefix/share/laser"
rm -f "$prefix"/share/man/man1/laser.1 "$prefix"/share/man/man1/laser-*.1
mkdir -p "$prefix/share/man/man1" "$(dirname "$bash_completion")" "$(dirname "$zsh_completion")" \
  "$(dirname "$fish_completion")" "$prefix/share/laser/checkpoints"

# A build for another processor, which a tarball may have left there, would take over.
rm -f "$prefix/bin/laser-avx512"
install -m 755 "$binary" "$prefix/bin/laser"
"$binary" manual --output "$prefix/share/man/man1"
"$binary" --generate-completion-script bash >"$bash_completion"
"$binary" --generate-completion-script zsh >"$zsh_completion"
"$binary" --generate-completion-script fish >"$fish_completion"
cp -R episodes "$prefix/share/laser/episodes"
cp -R checkpoints/four-box "$prefix/share/laser/checkpoints/four-box"
install -m 644 Sources/laser/Demo/counterfact.json "$prefix/share/laser/counterfact.json"
chmod -R u+w,go+rX "$prefix/share/laser" "$prefix/share/man/man1"/laser*.1

echo "laser is in $prefix/bin; man laser, and completions for bash, zsh and fish, are in $prefix/share"
case ":$PATH:" in
*":$prefix/bin:"*) ;;
*) echo "$prefix/bin is not on your PATH: export PATH=\"$prefix/bin:\$PATH\"" ;;
esac
