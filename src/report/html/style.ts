/** The page's only style sheet; its hash is in the content security policy. Colour only for meaning. */
export const style = `
:root {
  color-scheme: light dark;
  --paper: #ffffff; --ink: #1c2330; --quiet: #647084; --line: #dde2ea; --soft: #f5f7fa;
  --good: #1a7f4b; --bad: #c0322b; --warn: #a86400; --accent: #2257b8;
  --good-soft: #e3f4ea; --bad-soft: #fbe7e5; --warn-soft: #fbf0dc;
  --s1: #2257b8; --s2: #b4581a; --s3: #6b4fb3; --s4: #2b8a8a; --s5: #a83a72; --s6: #6f7a1f;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14181f; --ink: #dfe4ec; --quiet: #8d99ab; --line: #2b323d; --soft: #1b2029;
    --good: #58c48b; --bad: #f0776f; --warn: #e0a850; --accent: #7ba7f0;
    --good-soft: #17301f; --bad-soft: #3a1d1c; --warn-soft: #33281a;
    --s1: #7ba7f0; --s2: #e39a5f; --s3: #ab94ec; --s4: #62c4c4; --s5: #e585b5; --s6: #bdc763;
  }
}
* { box-sizing: border-box; }
html { background: var(--paper); }
body {
  margin: 0 auto; padding: 28px 32px 64px; max-width: 1180px; color: var(--ink); background: var(--paper);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
}
h1 { font-size: 26px; line-height: 1.2; margin: 0 0 4px; font-weight: 650; }
h2 { font-size: 18px; margin: 40px 0 12px; padding-bottom: 6px; border-bottom: 1px solid var(--line); font-weight: 650; }
h3 { font-size: 14px; margin: 22px 0 8px; font-weight: 650; }
p { margin: 6px 0; max-width: 86ch; }
.quiet { color: var(--quiet); } a { color: var(--accent); }
h3 .quiet { font-weight: 400; }
.good { color: var(--good); } .bad { color: var(--bad); } .warn { color: var(--warn); }
code, pre { font: 12.5px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
code { overflow-wrap: anywhere; }
pre { background: var(--soft); border: 1px solid var(--line); border-radius: 6px; padding: 8px 12px; margin: 8px 0 4px; overflow-x: auto; }
pre .add { color: var(--good); } pre .del { color: var(--bad); }
.meta { color: var(--quiet); margin: 0 0 2px; max-width: none; }
.story { margin: 22px 0 0; border-top: 1px solid var(--line); }
.story > div { display: grid; grid-template-columns: 150px minmax(0, 1fr); padding: 8px 0; border-bottom: 1px solid var(--line); }
.story dt { font-weight: 650; } .story dd { margin: 0; overflow-wrap: anywhere; }
.cost { color: var(--warn); font-size: 13px; }
.box { display: flex; gap: 12px; margin: 8px 0 4px; max-width: 460px; }
.box > span { flex: 1; border: 1px solid var(--line); border-radius: 4px; padding: 2px 8px 18px; font-size: 12px; color: var(--quiet); }
.subjects { display: grid; grid-template-columns: auto auto 1fr; margin: 22px 0 0; border-top: 1px solid var(--line); }
.subjects > * { padding: 9px 18px 9px 0; border-bottom: 1px solid var(--line); }
.subjects .name { font-weight: 650; }
.subjects .mark { font-weight: 700; font-variant-numeric: tabular-nums; min-width: 52px; }
ol.findings { padding-left: 26px; margin: 0; }
ol.findings > li { padding: 5px 0 5px 6px; overflow-wrap: anywhere; }
ol.findings > li::marker { color: var(--quiet); font-variant-numeric: tabular-nums; }
.finding { display: grid; grid-template-columns: 84px minmax(0, 1fr); align-items: baseline; }
.tag { font-size: 12px; color: var(--quiet); }
.tag.gap { color: var(--bad); font-weight: 600; }
ul.evidence { list-style: none; padding: 0; margin: 2px 0 0; color: var(--quiet); font-size: 13px; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 13.5px; margin: 6px 0 4px; }
th { text-align: left; color: var(--quiet); font-weight: 500; font-size: 12.5px; border-bottom: 1px solid var(--line); padding: 4px 14px 4px 0; white-space: nowrap; }
td { padding: 5px 14px 5px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td > code { overflow-wrap: break-word; } td:first-child > code { white-space: nowrap; }
svg { display: block; width: 100%; height: auto; font: 12px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
svg text { fill: var(--ink); } svg text.quiet { fill: var(--quiet); } svg text.good { fill: var(--good); }
svg text.bad { fill: var(--bad); } svg text.warn { fill: var(--warn); }
svg .grid { stroke: var(--line); } svg .zero { stroke: var(--quiet); }
svg .inject { stroke: var(--bad); stroke-width: 1.2; } svg .held { stroke: var(--good); stroke-width: 1.2; }
svg .threshold { stroke: var(--warn); stroke-dasharray: 5 4; fill: none; }
svg .fault { fill: var(--bad-soft); }
svg .m-neutral { fill: var(--ink); } svg .m-good { fill: var(--good); } svg .m-bad { fill: var(--bad); }
svg .m-warn { fill: var(--warn); } svg .m-quiet { fill: var(--quiet); }
svg .series { fill: none; stroke-width: 1.6; stroke-linejoin: round; }
${[1, 2, 3, 4, 5, 6].map((n) => `svg .s${n} { stroke: var(--s${n}); } svg text.s${n}, .key.s${n} { fill: var(--s${n}); stroke: none; color: var(--s${n}); }`).join('\n')}
.lanes svg { min-width: 860px; }
svg.graph { width: auto; margin: 4px 0 14px; } svg.graph text.head { font-weight: 600; }
svg .edge { fill: none; stroke: var(--quiet); stroke-width: 1.2; }
svg .box-good { fill: var(--good-soft); stroke: var(--good); } svg .box-bad { fill: var(--bad-soft); stroke: var(--bad); }
svg .box-warn { fill: var(--warn-soft); stroke: var(--warn); } svg .box-quiet { fill: var(--soft); stroke: var(--line); }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(440px, 100%), 1fr)); gap: 22px 32px; }
figure { margin: 0; break-inside: avoid; }
figcaption { font-size: 13.5px; font-weight: 600; margin-bottom: 2px; }
figcaption .quiet { font-weight: 400; }
.legend { font-size: 12.5px; color: var(--quiet); margin: 0; }
.legend > span { display: inline-block; max-width: 100%; margin-right: 14px; overflow-wrap: anywhere; }
.legend .key { margin-right: 4px; }
@media (max-width: 640px) {
  body { padding: 16px 14px 40px; }
  .story > div, .finding { grid-template-columns: minmax(0, 1fr); }
  .subjects { grid-template-columns: minmax(0, 1fr) auto; } .subjects > :nth-child(3n) { grid-column: 1 / -1; }
  .subjects > :not(:nth-child(3n)) { border-bottom: 0; padding-bottom: 0; }
  figure svg { font-size: 15px; }
  table { width: max-content; min-width: 100%; } td { max-width: 280px; }
}
@page { size: landscape; margin: 12mm; }
@media print {
  .lanes svg { min-width: 0; } .wide { overflow: visible; } svg.graph { max-width: 100%; }
  .charts { grid-template-columns: 1fr 1fr; } pre { white-space: pre-wrap; overflow-wrap: anywhere; }
  table { font-size: 10.5px; } th, td:first-child > code { white-space: normal; } td { overflow-wrap: anywhere; }
  body { max-width: none; padding: 0; font-size: 11.5px; }
  h2 { break-after: avoid; } tr, li, figure { break-inside: avoid; }
}
`;
