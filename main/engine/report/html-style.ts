/**
 * The report's style sheet. Four data colours mean the same everywhere (strong indigo, weak orange,
 * mixed teal, SFT baseline grey), in light and dark, as in the app; on paper always the light ones.
 * Sections, figures and tables are numbered by counters, so nothing has to be counted in code.
 */
export const styleSheet = `
:root {
  color-scheme: light dark;
  --page: #ffffff; --ink: #1c2127; --soft: #5c6570; --rule: #d9dde2; --hair: #eceef1; --tint: #f5f6f8;
  --accent: #3b5bdb; --good: #087f5b; --bad: #c2410c;
  --strong: #4263eb; --weak: #d9590b; --mixed: #099268; --baseline: #6b7480;
  --rose: #c2255c; --lime: #5c940d;
  --alpha: #7048e8; --beta: #1c7ed6; --gamma: #c2255c;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --page: #16181c; --ink: #d9dde3; --soft: #9aa2ae; --rule: #383d45; --hair: #282c32; --tint: #1e2126;
    --accent: #91a7ff; --good: #63e6be; --bad: #ffa94d;
    --strong: #748ffc; --weak: #ff922b; --mixed: #38d9a9; --baseline: #9aa3ad;
    --rose: #f783ac; --lime: #94d82d;
    --alpha: #b197fc; --beta: #4dabf7; --gamma: #f783ac;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0; background: var(--page); color: var(--ink); counter-reset: section figure table;
  font: 15px/1.55 system-ui, -apple-system, 'Segoe UI', Cantarell, 'Noto Sans', 'Liberation Sans', sans-serif;
  font-variant-numeric: tabular-nums; overflow-wrap: break-word;
}
main { max-width: 53rem; margin: 0 auto; padding: 3.2rem 1.6rem 4rem; }
p { margin: 0 0 0.8em; max-width: 46rem; }
a { color: var(--accent); text-decoration: none; }
a:hover { text-decoration: underline; }
code, pre, .mono { font-family: ui-monospace, 'JetBrains Mono', 'DejaVu Sans Mono', 'Liberation Mono', monospace; }
code, .mono { font-size: 0.86em; }
.kind { color: var(--soft); font-size: 13px; letter-spacing: 0.02em; margin: 0 0 0.3rem; }
h1 { font-size: 30px; line-height: 1.2; font-weight: 650; letter-spacing: -0.012em; margin: 0 0 0.5rem; }
h2 { font-size: 19px; line-height: 1.3; font-weight: 650; margin: 2.9rem 0 0.8rem; counter-increment: section; }
h2::before { content: counter(section) '\\2002'; color: var(--soft); font-weight: 500; }
h3 { font-size: 15px; font-weight: 650; margin: 1.6rem 0 0.5rem; }
dl.facts { display: grid; grid-template-columns: max-content 1fr; gap: 0.15rem 1.1rem; margin: 1.1rem 0 0; font-size: 13.5px; }
dl.facts dt { color: var(--soft); }
dl.facts dd { margin: 0; min-width: 0; }
.abstract { border: solid var(--rule); border-width: 1px 0; padding: 1.1rem 0 0.5rem; margin: 1.6rem 0 0; }
.abstract p { font-size: 16px; max-width: none; }
.abstract .lead { font-weight: 650; }
.note { border-left: 3px solid var(--weak); background: var(--tint); padding: 0.7rem 1rem 0.1rem; margin: 1.4rem 0 0; font-size: 14px; }
.note ul, .plain ul { margin: 0 0 0.7em; padding-left: 1.2em; }
ul.prose { padding-left: 1.2em; margin: 0 0 1em; max-width: 46rem; }
ul.prose li { margin-bottom: 0.45em; }
nav { font-size: 13.5px; color: var(--soft); margin: 1rem 0 0; }
nav a { margin-right: 1.1em; white-space: nowrap; }
figure { margin: 1.4rem 0; }
figcaption, caption { font-size: 13px; line-height: 1.45; color: var(--soft); text-align: left; }
figcaption { margin-top: 0.35rem; max-width: 46rem; counter-increment: figure; }
figcaption::before { content: 'Figure ' counter(figure) '. '; color: var(--ink); font-weight: 600; }
caption { caption-side: top; padding-bottom: 0.5rem; counter-increment: table; }
caption::before { content: 'Table ' counter(table) '. '; color: var(--ink); font-weight: 600; }
.source { white-space: normal; font-size: 12px; opacity: 0.85; }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: 0.4rem 1.8rem; }
.pair figure { margin: 0.8rem 0; min-width: 0; }
.scroll { overflow-x: auto; margin: 1.3rem 0; }
table { border-collapse: collapse; width: 100%; font-size: 13.5px; }
th, td { text-align: left; padding: 0.32rem 0.9rem 0.32rem 0; border-bottom: 1px solid var(--hair); vertical-align: top; }
thead th { border-bottom: 1px solid var(--soft); border-top: 1px solid var(--soft); font-weight: 600; vertical-align: bottom; }
tbody tr:last-child td, tbody tr:last-child th { border-bottom: 1px solid var(--soft); }
tbody th { font-weight: 500; }
th:last-child, td:last-child { padding-right: 0; }
.number { text-align: right; white-space: nowrap; }
.nowrap { white-space: nowrap; }
.long { overflow-wrap: anywhere; }
.hash { font-family: ui-monospace, 'JetBrains Mono', 'DejaVu Sans Mono', 'Liberation Mono', monospace; font-size: 10.5px; overflow-wrap: anywhere; }
.config { columns: 2; column-gap: 2rem; column-rule: 1px solid var(--rule); }
.emphasis, .emphasis th { font-weight: 650; }
.swatch { display: inline-block; width: 0.62em; height: 0.62em; border-radius: 50%; margin-right: 0.5em; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
.swatch.strong { background: var(--strong); } .swatch.weak { background: var(--weak); }
.swatch.mixed { background: var(--mixed); } .swatch.baseline { background: var(--baseline); }
.swatch.plain { border: 1.5px solid var(--soft); }
.swatch.term0 { background: var(--alpha); } .swatch.term1 { background: var(--beta); } .swatch.term2 { background: var(--gamma); }
.good { color: var(--good); } .bad { color: var(--bad); }
pre { background: var(--tint); border: 1px solid var(--hair); border-radius: 4px; padding: 0.7rem 0.9rem; margin: 0.5rem 0 1rem; font-size: 12.5px; line-height: 1.45; white-space: pre-wrap; overflow-wrap: anywhere; }
.item { border-top: 1px solid var(--rule); padding: 0.8rem 0 0.4rem; margin: 0; }
.item header { font-size: 13.5px; margin-bottom: 0.3rem; }
.item .text { white-space: pre-wrap; overflow-wrap: anywhere; font-size: 13.5px; line-height: 1.45; margin: 0; }
.item .pair { margin-top: 0.5rem; }
.item h4 { font-size: 13px; font-weight: 600; margin: 0 0 0.2rem; }
.item .answer { background: var(--tint); padding: 0.5rem 0.7rem; border-radius: 4px; min-width: 0; }
svg { display: block; width: 100%; height: auto; overflow: visible; font-family: inherit; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
svg text { font-size: 11px; fill: var(--soft); }
svg .axis line { stroke: var(--hair); stroke-width: 1; }
svg .axis .floor { stroke: var(--soft); }
svg .guide { stroke: var(--hair); } svg .share { fill: var(--ink); }
svg .axis .name { fill: var(--ink); }
svg .middle { text-anchor: middle; }
svg .end { text-anchor: end; }
svg path { fill: none; stroke-linejoin: round; stroke-linecap: round; }
svg .line { stroke-width: 1.8; }
svg .raw { stroke-width: 0.8; opacity: 0.32; }
svg .band { stroke: none; opacity: 0.16; }
svg .line.strong, svg .raw.strong { stroke: var(--strong); } svg .line.weak, svg .raw.weak { stroke: var(--weak); }
svg .line.mixed, svg .raw.mixed { stroke: var(--mixed); } svg .line.baseline, svg .raw.baseline { stroke: var(--baseline); }
svg .line.weak { stroke-dasharray: 6 3.5; } svg .line.mixed { stroke-width: 2.2; } svg .line.baseline { stroke-dasharray: 1.5 3.5; stroke-width: 2.2; }
svg .band.strong { fill: var(--strong); } svg .band.weak { fill: var(--weak); }
svg .band.mixed { fill: var(--mixed); } svg .band.baseline { fill: var(--baseline); }
svg .label { font-weight: 600; }
svg .label.strong { fill: var(--strong); } svg .label.weak { fill: var(--weak); }
svg .label.mixed { fill: var(--mixed); } svg .label.baseline { fill: var(--baseline); }
svg .reference line, svg .diagonal { stroke: var(--soft); stroke-dasharray: 3 3; stroke-width: 1; }
svg .reference text { font-style: italic; }
svg .dot line { stroke-width: 2.2; } svg .dot text { font-size: 13px; fill: var(--ink); }
svg .dot .label { text-anchor: end; font-weight: 500; } svg .dot .value { text-anchor: end; font-weight: 600; }
svg .dot.strong line { stroke: var(--strong); } svg .dot.strong circle { fill: var(--strong); }
svg .dot.weak line { stroke: var(--weak); } svg .dot.weak circle { fill: var(--weak); }
svg .dot.mixed line { stroke: var(--mixed); } svg .dot.mixed circle { fill: var(--mixed); }
svg .dot.baseline line { stroke: var(--baseline); } svg .dot.baseline circle { fill: var(--baseline); }
svg .dot.plain line { stroke: var(--soft); } svg .dot.plain circle { fill: var(--page); stroke: var(--soft); stroke-width: 2; }
svg .term0 { fill: var(--alpha); } svg .term1 { fill: var(--beta); } svg .term2 { fill: var(--gamma); }
svg .line.rose, svg .raw.rose { stroke: var(--rose); } svg .band.rose { fill: var(--rose); } svg .label.rose { fill: var(--rose); }
svg .dot.rose line { stroke: var(--rose); } svg .dot.rose circle { fill: var(--rose); }
svg .line.lime, svg .raw.lime { stroke: var(--lime); } svg .band.lime { fill: var(--lime); } svg .label.lime { fill: var(--lime); }
svg .dot.lime line { stroke: var(--lime); } svg .dot.lime circle { fill: var(--lime); }
svg .bar { fill: var(--baseline); } svg .heat { fill: var(--strong); stroke: var(--hair); }
footer { margin-top: 3rem; padding-top: 0.8rem; border-top: 1px solid var(--rule); font-size: 12.5px; color: var(--soft); }
@media screen and (max-width: 44rem) { .config { columns: 1; } .pair { grid-template-columns: 1fr; } main { padding-top: 1.6rem; } }
@page { size: A4; margin: 17mm 16mm 18mm; }
@media print {
  body { font-size: 10pt; line-height: 1.45; }
  main { max-width: none; padding: 0; }
  h1 { font-size: 20pt; } h2 { font-size: 13pt; margin-top: 1.7rem; } h3 { font-size: 10.5pt; }
  .abstract p { font-size: 10.5pt; }
  table, dl.facts, .item header, .item .text, .note, nav { font-size: 9pt; }
  figcaption, caption { font-size: 8.5pt; } .source { font-size: 7.5pt; }
  pre { font-size: 7.5pt; }
  nav { display: none; }
  h2, h3, h4, caption, .item header, #samples > p { break-after: avoid; }
  figure, tr, caption, .short, .item .answer, dl.facts, .abstract, .note { break-inside: avoid; }
  .item { break-inside: avoid-page; }
  .hash { font-size: 6.4pt; }
  p, li { orphans: 3; widows: 3; }
  thead { display: table-header-group; }
  .scroll { overflow: visible; }
  a { color: inherit; }
}
`;
