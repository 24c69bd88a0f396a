/// How a report looks: light and dark, on a phone, on a desk and on paper.
extension ReportDocument {
  static var style: String { page + ChartPalette.style + charts + paper }

  private static let page = """
    :root { color-scheme: light dark; --ink: #1c2430; --soft: #5b6675; --paper: #ffffff;
      --panel: #f5f7fa; --line: #d5dbe3; --accent: #2563c4; --zero: #eef1f5;
      --gain: #2563c4; --loss: #d9641a; }
    @media screen and (prefers-color-scheme: dark) { :root { --ink: #e6eaf0; --soft: #9aa6b5;
      --paper: #14181f; --panel: #1c222b; --line: #38414d; --accent: #7db0ff; --zero: #2a323d;
      --gain: #5b96f0; --loss: #ef8136; } }
    * { box-sizing: border-box; }
    body { margin: 0; background: var(--paper); color: var(--ink);
      font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
    main { max-width: 72rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
    h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .5rem; overflow-wrap: anywhere; }
    h2 { font-size: 1.25rem; margin: 2.5rem 0 .75rem; border-bottom: 1px solid var(--line);
      padding-bottom: .3rem; overflow-wrap: anywhere; }
    h3 { font-size: 1rem; margin: 1.25rem 0 .5rem; overflow-wrap: anywhere; }
    p { overflow-wrap: anywhere; }
    a { color: var(--accent); }
    .summary, .note, .strips figcaption { color: var(--soft); }
    .summary { max-width: 48rem; }
    .cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 13rem), 1fr));
      gap: .75rem; }
    .card { background: var(--panel); border-radius: .6rem; padding: .9rem 1rem; }
    .card .value { font-size: 1.55rem; font-weight: 650; font-variant-numeric: tabular-nums; }
    .card .name { color: var(--soft); font-size: .88rem; overflow-wrap: anywhere; }
    .card .detail { font-size: .88rem; font-variant-numeric: tabular-nums; }
    .scroll { overflow-x: auto; margin: .75rem 0; }
    table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .93rem; }
    td:first-child { white-space: normal; overflow-wrap: anywhere; min-width: 9rem; }
    th, td { padding: .4rem .6rem; text-align: right; border-bottom: 1px solid var(--line);
      white-space: nowrap; }
    th { white-space: normal; vertical-align: bottom; color: var(--soft); font-weight: 600; }
    th:first-child, td:first-child, .prose td, .prose th { text-align: left; }
    .prose td { white-space: normal; overflow-wrap: anywhere; vertical-align: top; }
    td.words { white-space: normal; overflow-wrap: anywhere; min-width: 9rem; }
    th.words, td.words { text-align: left; }
    figure { margin: 1.25rem 0; }
    figcaption { font-size: .93rem; margin-bottom: .4rem; max-width: 48rem; }
    code, pre { font: .87rem/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
    pre { background: var(--panel); padding: .8rem 1rem; border-radius: .5rem; overflow-x: auto; }
    img.pixels { image-rendering: pixelated; max-width: 100%; height: auto; border-radius: .3rem; }
    .running { border-left: .3rem solid var(--loss); background: var(--panel); padding: .6rem 1rem; }

    """

  private static let charts = """

    svg { max-width: 100%; height: auto; display: block; }
    svg text { fill: var(--ink); font: 12px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
    svg text.soft { fill: var(--soft); }
    svg .grid { stroke: var(--line); stroke-width: 1; }
    svg .line { stroke: var(--color); fill: none; stroke-width: 2; stroke-linejoin: round; }
    .again .line { stroke-dasharray: 6 3; }
    svg circle { fill: var(--color); stroke: transparent; stroke-width: 9; pointer-events: all; }
    svg .dense circle { fill: transparent; }
    svg .dense .line { stroke-width: 1.6; }
    svg circle:hover { fill: var(--color); stroke: var(--color); stroke-width: 3; }
    svg .area { fill: var(--color); }
    svg .beyond { fill: var(--color, var(--ink)); stroke: none; pointer-events: all; }
    svg .band { fill: var(--color); fill-opacity: .16; stroke: none; }
    svg .whisker { stroke: var(--color); stroke-width: 1.5; fill: none; }
    svg rect + .whisker { stroke: var(--ink); }
    svg .reference { stroke: var(--ink); stroke-width: 1.5; stroke-dasharray: 5 4; }
    .gain { --color: var(--gain); } .loss { --color: var(--loss); }
    svg .nothing { fill: var(--zero); }
    .chosen .area, svg .chosen.area { stroke: var(--ink); stroke-width: 2.5; fill: none; }
    .legend { list-style: none; display: flex; flex-wrap: wrap; gap: .15rem 1rem; padding: 0;
      margin: 0 0 .6rem; font-size: .85rem; }
    .legend li { display: flex; align-items: center; gap: .4rem; }
    .legend svg { flex: none; overflow: visible; }
    .legend span { overflow-wrap: anywhere; }
    .title { font-weight: 600; font-size: .92rem; }
    .panels { display: grid; gap: 1rem;
      grid-template-columns: repeat(auto-fill, minmax(min(100%, 20rem), 1fr)); }
    .panel { min-width: 0; }
    .faint .series:not(.picked) { opacity: .12; }
    .tip { position: absolute; z-index: 9; max-width: 20rem; padding: .25rem .55rem; font-size: .85rem;
      border-radius: .35rem; background: var(--ink); color: var(--paper); pointer-events: none; }
    @media (max-width: 30rem) { main { padding: 1.25rem .9rem 3rem; }
      .alone svg.plot text { font-size: 17px; } }

    """

  private static let paper = """
    @media print { :root { color-scheme: light; } main { max-width: none; padding: 0; }
      * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
      h2, h3 { break-after: avoid; } figure, table { break-inside: avoid; }
      pre { white-space: pre-wrap; overflow-wrap: anywhere; } .scroll { overflow: visible; }
      table { font-size: .75rem; } .tip { display: none; } }
    """
}
