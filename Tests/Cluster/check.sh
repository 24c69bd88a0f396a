#!/bin/bash
# A policy's search as a Slurm array whose tasks are requeued, killed, stopped and cut off: its result has to be that of one
# process, byte for byte, and its journal the same trials.
#
#   Tests/Cluster/check.sh [--shares N] [--rooms N] [--rounds N] [--limit] LASER FOLDER
#
# FOLDER is made and must not be there yet. Without --rounds every fault happens once. With it so many searches follow whose
# faults are drawn at random (SEED, by default 1). With --limit a last one has a time limit of a minute, of which Slurm's
# signal leaves its tasks about half, and takes ten minutes.
#
# SLURM_CONF or the system's own configuration names the Slurm. Or LASER_SLURM names a folder with two programs,
# `slurm-up.sh FOLDER NODES CPUS PORT` and `slurm-down.sh FOLDER`, that start and end one on this machine; it writes FOLDER/env for a
# shell to read and the process of node n0's daemon into FOLDER/run/n0.pid. Only then a node can be lost. Where there is
# no Slurm it ends with 77.
set -euo pipefail
usage() { sed -n '2,16s/^# \{0,1\}//p' "$0" >&2; exit 64; }
shares=8 rooms=120 rounds=0 limit=
while [[ ${1:-} == --* ]]; do
  case $1 in
  --shares) shares=$2 && shift 2 ;;
  --rooms) rooms=$2 && shift 2 ;;
  --rounds) rounds=$2 && shift 2 ;;
  --limit) limit=yes && shift ;;
  *) usage ;;
  esac
done
[ $# = 2 ] || usage
laser=$(realpath "$1") repository=$(cd "$(dirname "$0")/../.." && pwd)
[ ! -e "$2" ] || { echo "$2 is there already" >&2; exit 1; }
mkdir -p "$2"
folder=$(cd "$2" && pwd)
RANDOM=${SEED:-1}
say() { echo "$(date +%T) $*"; }
fail() { say "FAILED: $*" >&2; exit 1; }

slurm=
finish() {
  [ -z "${releaser:-}" ] || kill "$releaser" 2>/dev/null || true
  [ -z "$slurm" ] || "$LASER_SLURM/slurm-down.sh" "$slurm" || true
}
trap finish EXIT
if [ -n "${LASER_SLURM:-}" ]; then
  "$LASER_SLURM/slurm-up.sh" "$folder/slurm" 4 1 "${LASER_SLURM_PORT:-$((20000 + $$ % 1000 * 10))}" >/dev/null ||
    { say "$LASER_SLURM starts no Slurm"; exit 77; }
  slurm=$folder/slurm
  . "$slurm/env"
fi
sinfo >/dev/null || { say "there is no Slurm: set SLURM_CONF or LASER_SLURM"; exit 77; }

search=(search --policy "$repository/checkpoints/four-box" --levels "$repository/episodes/four-box-held-out.txt"
  --limit "$rooms" --rhos 0.8,0.4,0.2,0.1,0.05 --threads 1)

# Tasks of array $job that are in these states, by their number.
tasks() { squeue -h -r -j "$job" -t "$1" -o %K 2>/dev/null || true; }
lines() { cat "$run"/run/journal*.jsonl 2>/dev/null | wc -l; }
# Slurm holds what goes back into the queue for two minutes; here nobody waits for that.
release() {
  while sleep 1; do
    squeue -h -r -t PD -o '%F_%K %r' 2>/dev/null | awk '$2 == "BeginTime" {print $1}' |
      while read -r task; do scontrol update JobId="$task" StartTime=now 2>/dev/null || true; done
  done
}
release &
releaser=$!

# The faults: each takes the number of a task that runs.
requeue() { scontrol requeue "${job}_$1"; }
# What the kernel does when memory is short: the program is gone and its script fails.
killed() {
  local id; id=$(squeue -h -j "${job}_$1" -o %A)
  for process in /proc/[0-9]*; do
    if { tr '\0' '\n' <"$process/environ"; } 2>/dev/null | grep -qx "SLURM_JOB_ID=$id" &&
      [ "$(readlink "$process/exe")" = "$laser" ]; then kill -KILL "${process#/proc/}"; fi
  done
}
cancelled() { scancel --signal=KILL --full "${job}_$1"; }
# What Slurm sends before a time limit.
limited() { scancel --signal=TERM --batch "${job}_$1"; }
# The daemon dies, the program goes on, and Slurm starts the task once more on another node.
lost() {
  local node; node=$(squeue -h -j "${job}_$1" -o %N)
  [ -n "$node" ] || return 0
  kill -KILL "$(cat "$slurm/run/$node.pid")"
  scontrol update NodeName="$node" State=DOWN Reason=lost
  gone+=("$node")
}
revive() {
  for node in "${gone[@]}"; do
    slurmd -f "$SLURM_CONF" -N "$node"
    scontrol update NodeName="$node" State=RESUME 2>/dev/null || true
  done
  gone=()
}
gone=()
# Has something happen to a task that runs, if one does.
fault() { # NAME [TASK]
  local task=${2:-$(tasks R | shuf -n 1 --random-source=<(yes $RANDOM))}
  [ -n "$task" ] || return 0
  say "  $1: task $task, $(lines) lines"
  "$1" "$task" 2>/dev/null || true
}
ended() { while [ -n "$(squeue -h -j "$1" 2>/dev/null)" ]; do sleep 0.5; done; }

# Starts a search of many tasks in a new folder, and its merge.
start() { # NAME OPTIONS-OF-SBATCH
  run=$folder/$1
  mkdir "$run"
  local text
  text=$(cd "$run" && "$laser" "${search[@]}" -o run --shards "$shares" --slurm "$2")
  job=$(sed -E 's/.* as job ([0-9]+), .*/\1/' <<<"$text") merge=$(sed -E 's/.*merge as job ([0-9]+);.*/\1/' <<<"$text")
  [[ $job =~ ^[0-9]+$ && $merge =~ ^[0-9]+$ ]] || fail "$text"
}
# Submits what failed once more, as docs/cluster.md says, until there is a result, and compares that.
complete() {
  ended "$job"; ended "$merge"
  for ((try = 0; try < 5; try++)); do
    [ ! -e "$run/run/result.json" ] || break
    local missing
    missing=$({ "$laser" status "$run/run" || true; } | sed -nE 's/^share ([0-9]+): ([0-9]+) of ([0-9]+).*/\1 \2 \3/p' |
      awk '$2 < $3 {print $1}' | paste -sd,)
    [ -z "$missing" ] || grep -q "share ${missing%%,*} lacks" "$run/run/merge.log" ||
      fail "the merge does not name share ${missing%%,*}: $(cat "$run/run/merge.log")"
    say "  once more: shares ${missing:-none}, the merge"
    # Not by sbatch --wait, which looks seldom.
    [ -z "$missing" ] || { job=$(cd "$run" && sbatch --parsable --array="$missing" run/array.sh) && ended "$job"; }
    merge=$(cd "$run" && sbatch --parsable run/merge.sh) && ended "$merge"
  done
  [ -e "$run/run/result.json" ] || fail "no result in $run: $(tail -n 3 "$run"/run/*.log)"
  cmp "$run/run/result.json" "$folder/whole/run/result.json" || fail "another result in $run"
  cmp <(trials "$run/run") <(trials "$folder/whole/run") || fail "other trials in $run"
  say "  the same bytes; $(lines) lines"
}
# The different trials of a folder without the seconds that they took.
trials() { cat "$1"/journal*.jsonl | grep '^{"edit"' | sed -E 's/"seconds":[^,]*,//' | sort -u; }

mkdir "$folder/whole"
(cd "$folder/whole" && "$laser" "${search[@]}" -o run >out.txt 2>err.txt) || fail "$(cat "$folder/whole/err.txt")"
say "one process: $(wc -l <"$folder/whole/run/journal.jsonl") lines"

say "an array of $shares, every fault once"
start all ''
until [ "$(lines)" -ge 8 ]; do sleep 0.2; done
faults=(requeue killed limited)
[ "$shares" -lt 4 ] || faults+=(cancelled)
[ -z "$slurm" ] || faults=(lost "${faults[@]}")
for name in "${faults[@]}"; do
  # Each another task, so that none hides what a former one did.
  for ((second = 0; second < 60; second++)); do
    task=$(tasks R | grep -vxF -f <(printf '%s\n' "${used[@]-none}") | head -n 1) || true
    [ -z "$task" ] && [ -n "$(tasks R,PD,CG)" ] || break
    sleep 0.5
  done
  [ -n "$task" ] || { say "  no task is left for $name"; break; }
  used+=("$task")
  fault "$name" "$task"
done
complete
revive

for ((round = 1; round <= rounds; round++)); do
  say "round $round"
  start "round$round" ''
  count=$((RANDOM % 4 + 2))
  for ((i = 0; i < count; i++)); do
    sleep $((RANDOM % 4)).$((RANDOM % 10))
    names=(requeue killed limited cancelled)
    [ -z "$slurm" ] || [ ${#gone[@]} -ge 2 ] || names+=(lost)
    fault "${names[RANDOM % ${#names[@]}]}"
  done
  complete
  revive
done

if [ -n "$limit" ]; then
  say "a time limit of a minute"
  shares=2
  start limit '--time=1'
  complete
  say "  stopped $(cat "$run"/run/share-*.log | grep -c interrupted) times"
fi
say "nothing is lost"
