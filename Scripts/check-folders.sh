#!/usr/bin/env bash
# Checks that no file uses a type of a later folder of its own module: Scripts/folders.txt has the order,
# Scripts/folders-allowed.txt what is still to be mended. Says file, line and type.
#
# It reads text, not syntax: types are those declared at the beginning of a line, uses are words that are
# neither in a comment or a string nor behind a point, and whose file declares no type of that name itself.
# Usage: check-folders.sh [ROOT]
set -euo pipefail
cd "${1:-$(dirname "$0")/..}"

find Sources -mindepth 3 -name '*.swift' | sort | awk \
  -v order=Scripts/folders.txt -v allowed=Scripts/folders-allowed.txt '
  # What is left of a line without comments and strings.
  function code(line,   quotes) {
    gsub(/\\"/, "", line)
    quotes = gsub(/"""/, "\001", line)
    if (inText) {
      if (!quotes) return ""
      sub(/^[^\001]*\001/, "", line); inText = 0; quotes--
    }
    if (quotes % 2) { sub(/\001[^\001]*$/, "", line); inText = 1 }
    gsub(/"[^"]*"/, " ", line)
    sub(/\/\/.*/, "", line)
    return line
  }
  function split_path(path,   parts) {
    split(path, parts, "/")
    module = parts[2]; folder = parts[3]
  }
  BEGIN {
    while ((getline line < order) > 0) {
      sub(/#.*/, "", line)
      if (line !~ /:/) continue
      count = split(line, words, /[: ]+/)
      for (i = 2; i <= count; i++) if (words[i] != "") rank[words[1], words[i]] = i
    }
    while ((getline line < allowed) > 0) {
      sub(/#.*/, "", line)
      if (split(line, words, " ") == 2) { exempt[words[1], words[2]] = 1; entries[words[1] " " words[2]] = 1 }
    }
    while ((getline path < "-") > 0) {
      files[++fileCount] = path
      split_path(path)
      if (!((module, folder) in rank)) {
        print path ": the folder " folder " of " module " has no place in " order; failed = 1
        continue
      }
      inText = 0
      while ((getline line < path) > 0) {
        line = code(line)
        if (match(line, /(struct|class|enum|protocol|actor|typealias) +[A-Z][A-Za-z0-9]*/)) {
          declaration = substr(line, RSTART, RLENGTH)
          sub(/^[a-z]+ +/, "", declaration)
          own[path, declaration] = 1
          # Private types are for nobody else.
          if (line ~ /^[a-z@]/ && line !~ /^(private|fileprivate) /) {
            if (!((module, declaration) in lowest) || rank[module, folder] < lowest[module, declaration]) {
              lowest[module, declaration] = rank[module, folder]
              home[module, declaration] = folder
            }
          }
        }
      }
      close(path)
    }
    for (f = 1; f <= fileCount; f++) {
      path = files[f]
      split_path(path)
      inText = 0; number = 0
      while ((getline line < path) > 0) {
        number++
        line = code(line)
        gsub(/\.[A-Za-z_][A-Za-z0-9_]*/, " ", line)
        count = split(line, words, /[^A-Za-z0-9_]+/)
        for (i = 1; i <= count; i++) {
          type = words[i]
          if (type !~ /^[A-Z]/ || !((module, type) in lowest) || (path, type) in own) continue
          if (lowest[module, type] <= rank[module, folder]) continue
          if ((path, type) in exempt) { delete entries[path " " type]; continue }
          print path ":" number ": " folder " uses " type ", which is declared in " home[module, type] ", a later folder of " module
          failed = 1
        }
      }
      close(path)
    }
    for (entry in entries) {
      print allowed ": " entry " is not needed any more; remove the line"; failed = 1
    }
    if (failed) {
      print "Move the type down or its use up; the order of the folders is in " order "."
      exit 1
    }
  }'
