#!/bin/sh
# Fuzzes the readers with libFuzzer, all at the same time: Tests/Fuzz/run.sh [SECONDS] [READER…], or `make fuzz SECONDS=600`.
#
# The package is built once more, with libFuzzer's counters in every module, and Fuzz.swift is linked with what came of
# it: there is no list of files here. SEED=N repeats a run as far as time allows. Inputs that fell are left in WORK; a small one belongs into
# Tests/LanguageModelsTests/Fixtures/fuzz/READER once the fault is mended.
set -eu
seconds=${1:-60}
[ $# -eq 0 ] || shift
readers=${*:-gguf safetensors sentencepiece tokenizer}
root=$(cd "$(dirname "$0")/../.." && pwd)
work=${WORK:-$root/.build-fuzz}
fixtures=$root/Tests/LanguageModelsTests/Fixtures/fuzz

cd "$root"
swift build --scratch-path "$work" -c release --target LanguageModels \
  -Xswiftc -sanitize=fuzzer,address -Xswiftc -enable-testing
built=$(swift build --scratch-path "$work" -c release --show-bin-path)
# SwiftPM calls a package after its folder.
package=$(basename "$root" | tr '[:upper:]' '[:lower:]' | sed 's/[^a-z0-9]/_/g')
# Names of objects may have blanks.
find "$built" -path '*.build/*.o' ! -path '*-tool.build/*' | sed 's/.*/"&"/' >"$work/objects"
headers=$(printf ' -I %s' Sources/C*/ Sources/C*/include)
# shellcheck disable=SC2046,SC2086 # names and flags without spaces
swiftc -O -parse-as-library -sanitize=fuzzer,address -package-name "$package" -module-name Fuzz \
  -I "$built/Modules" $headers Tests/Fuzz/Fuzz.swift \
  "@$work/objects" \
  $(pkg-config --libs openblas lapacke zlib) -o "$work/fuzz"

cd "$work"
failed=
pids=
for reader in $readers; do
  mkdir -p "corpus/$reader"
  # Swift's lazy globals live to the end, which the search for leaks takes for leaks.
  READER=$reader ASAN_OPTIONS=detect_leaks=0 ./fuzz -detect_leaks=0 -seed="${SEED:-0}" -max_total_time="$seconds" -max_len=16384 -timeout=20 -rss_limit_mb=2048 \
    -artifact_prefix="$reader-" -print_final_stats=1 "corpus/$reader" "$fixtures/$reader" 2>"$reader.log" &
  pids="$pids $reader:$!"
done
for pair in $pids; do
  reader=${pair%%:*}
  if wait "${pair##*:}"; then
    echo "$reader: $(sed -n 's/.*number_of_executed_units: *//p' "$reader.log") inputs, no finding"
  else
    failed=1
    echo "$reader: a finding, see $work/$reader.log"
    tail -n 30 "$reader.log"
  fi
done
[ -z "$failed" ]
