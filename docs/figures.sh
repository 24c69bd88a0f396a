#!/usr/bin/env bash
# A figure of a report as a PNG, for pages that cannot show HTML: what a person sees who opens the report.
#
#   docs/figures.sh REPORT.html NUMBER OUTPUT.png [WIDTH]
#
# NUMBER counts the figures of the page from 0 (charts and the viewer of games); WIDTH is in CSS pixels. Without a
# NUMBER the figures are listed. Needs Chromium.
set -euo pipefail

report=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

browse() {
  chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --user-data-dir="$work/browser" \
    --virtual-time-budget=3000 "$@" "file://$work/page.html" 2>/dev/null
}

# The page with a script at its end that leaves nothing but one figure, or lists them all.
page() {
  cp "$report" "$work/page.html"
  cat >>"$work/page.html" <<END
<script>
addEventListener('load', () => setTimeout(() => {
  document.head.append(...document.querySelectorAll('body style'));
  const figures = Array.from(document.querySelectorAll('figure.chart, figure.viewer'));
  const height = figure => { figure.style.margin = '12px 20px'; figure.style.maxWidth = 'none';
    document.body.replaceChildren(figure); return document.body.getBoundingClientRect().height + 24; };
  const name = figure => figure.querySelector('figcaption')?.textContent ?? 'games';
  // Games are shown where they become different.
  Array.from(document.querySelectorAll('.viewer button')).findLast(button => !button.hidden)?.click();
  document.body.dataset.found = ${1:-undefined} === undefined
    ? figures.map((figure, index) => index + '  ' + name(figure)).join('|')
    : Math.ceil(height(figures[${1:-0}]));
}, 200));
</script>
END
}

found() { browse --window-size="$1,900" --dump-dom | grep -o 'data-found="[^"]*"' | cut -d'"' -f2; }

if [ $# -lt 3 ]; then
  page
  found 1000 | tr '|' '\n'
else
  width=${4:-1000}
  page "$2"
  browse --window-size="$width,$(found "$width")" --screenshot="$3"
  ls -l "$3"
fi
