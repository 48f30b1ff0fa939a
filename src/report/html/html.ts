import { createHash } from 'node:crypto';
import type { Finding } from '../../grade/finding.ts';
import type { GradeInput } from '../../grade/input.ts';
import type { GameHead, Scorecard, Unplayed } from '../../grade/scorecard.ts';
import { html } from '../../words/escape.ts';
import { plural } from '../../words/number.ts';
import { clock, duration, utc } from '../../words/time.ts';
import { linkOf } from '../links.ts';
import type { Report } from '../report.ts';
import { costText, nameOf, storyOf } from '../story.ts';
import { subjectLines } from '../summary.ts';
import { type Moment, timelineOf } from '../timeline.ts';
import { unplayedLines } from '../unplayed.ts';
import { chartsOf } from './charts.ts';
import { type Cell, htmlTable } from './html-table.ts';
import { lanesSvg } from './lanes.ts';
import { lineChart } from './line-chart.ts';
import { playbookGraph } from './playbook-graph.ts';
import { style } from './style.ts';
import { alertsSection, dashboardsSection, playbookSection, responseSection } from './subject-tables.ts';

/**
 * One page that needs nothing else: no script, no request, no inline style. The policy allows its one style sheet by
 * its hash, so that nothing that came from a cluster could run or load anything.
 */
export function reportHtml(report: Report): string {
  const { game } = report.scorecard;
  const hash = createHash('sha256').update(style).digest('base64');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${html(`${game.title} (${game.id})`)}</title>
<style>${style}</style>
</head>
<body>
${report.scorecard.played ? gradedHtml(report, report.scorecard) : unplayedHtml(report, report.scorecard)}
</body>
</html>
`;
}

function gradedHtml(report: Report, scorecard: Scorecard): string {
  const { game, findings, notObserved } = scorecard;
  const moments = timelineOf(report.input);
  const charts = chartsOf(report).map(lineChart);
  const good = findings.filter(({ kind }) => kind === 'good');
  const toChange = findings.filter(({ kind }) => kind !== 'good');
  return `<header>
<h1>${html(nameOf(scorecard))} <span class="quiet">${html(game.scenario)}</span></h1>
${headHtml(game)}
<dl class="story">${storyOf(scorecard)
    .map(({ title, text }) => `<div><dt>${title}</dt><dd>${withCode(text)}</dd></div>`)
    .join('\n')}</dl>
</header>
<section><h2>What to change first</h2>
${toChange.length > 0 ? `<ol class="findings">${toChange.map(findingHtml).join('\n')}</ol>` : '<p>This game showed nothing to change.</p>'}
</section>
${good.length > 0 ? `<section><h2>What to keep</h2>\n<ol class="findings">${good.map(findingHtml).join('\n')}</ol></section>` : ''}
<section><h2>What each part was worth</h2>
<div class="subjects">${subjectLines(scorecard)
    .map(({ title, mark, text }) => {
      return `<div class="name">${title}</div><div class="mark ${toneOf(mark)}">${mark}</div><div>${html(text)}</div>`;
    })
    .join('\n')}</div>
</section>
<section><h2>Timeline</h2>
<div class="wide lanes">${lanesSvg(moments)}</div>
<p class="quiet">Moments count from the injection. Actions: <span class="good">a step of the playbook</span>, <span class="warn">a change that no step asks for</span>, <span class="bad">harmful</span>. Alerts: <span class="warn">pending</span>, <span class="bad">firing</span>, a dot when somebody was notified.</p>
</section>
${charts.length > 0 ? `<section><h2>Signals</h2><div class="charts">${charts.join('\n')}</div></section>` : ''}
<section><h2>Alerts</h2>${alertsSection(scorecard.alerts)}</section>
<section><h2>Dashboards</h2>${dashboardsSection(scorecard.dashboards)}</section>
<section><h2>Playbook</h2>${playbookGraph(report.input.playbook, scorecard.playbook)}${playbookSection(scorecard.playbook)}</section>
<section><h2>Response</h2>${responseSection(scorecard.response)}</section>
<section><h2>What it was</h2>
${game.debrief
  .trim()
  .split(/\n\s*\n/)
  .map((paragraph) => `<p>${html(paragraph)}</p>`)
  .join('\n')}
</section>
${everything(moments, report.input, game.injectedAt)}
<section><h2>How it was graded</h2>
<p>By the formulas and thresholds of docs/grading.md. A time of an alert is uncertain by the interval of its rule. A panel moved if its medians differ by a robust z of 3 and Cliff’s delta is 0.8, or if four samples in a row are more than five spreads away, and if quiet windows of the same length do not show as much. Letters are given to alerts and dashboards only.</p>
${notObserved.length > 0 ? `<h3>Not observed</h3><ul>${notObserved.map((line) => `<li>${html(line)}</li>`).join('')}</ul>` : ''}
</section>`;
}

function unplayedHtml({ input }: Report, scorecard: Unplayed): string {
  const { title, scenario, id, cluster } = scorecard.game;
  return `<header>
<h1>${html(title)} <span class="quiet">${html(scenario)}</span></h1>
${unplayedLines(scorecard)
  .map((line) => `<p>${html(line)}</p>`)
  .join('\n')}
<p class="meta">game ${html(id)} · ${html(cluster)}</p>
</header>
${everything(timelineOf(input), input, scorecard.game.injectedAt)}`;
}

function everything(moments: readonly Moment[], { state }: GradeInput, injectedAt: number): string {
  const rows = moments.map((moment): Cell[] => {
    const { at, lane, who = '', text } = moment;
    return [
      clock(at),
      { text: utc(injectedAt + at).slice(11, 19), tone: 'quiet' },
      { text: lane, tone: 'quiet' },
      { text: who, tone: 'quiet' },
      { text, link: linkOf(moment, state) },
    ];
  });
  return `<section><h2>Everything that happened</h2>\n${htmlTable(['>at', '>UTC', 'lane', 'who', 'what'], rows)}\n</section>`;
}

function headHtml(game: GameHead): string {
  const left = game.restored ? game.restored.differences + game.restored.conflicts : undefined;
  const restored =
    left === undefined
      ? '<span class="bad">restoring was not verified</span>'
      : `<span class="${left === 0 ? 'good' : 'bad'}">restored, verified: ${plural(left, 'difference')}</span>`;
  const ending = game.ending === 'mitigated' ? 'good' : 'warn';
  const speed =
    game.speed === 1
      ? ''
      : ` at speed ${game.speed} (durations of rules and documents are divided by ${game.speed}; times here are real)`;
  return (
    `<p class="meta"><span class="${ending}">${html(game.ending)}</span>, ended after ${duration(game.lengthMs)}: ${html(game.why)} · ${restored}</p>` +
    (game.restored?.left ?? []).map((line) => `<p class="meta warn">${html(line)}</p>`).join('') +
    `<p class="meta">game ${html(game.id)} · injected ${utc(game.injectedAt)} · ${html(game.cluster)}${speed} · on call: ${html(game.owner)}</p>`
  );
}

function findingHtml({ subject, kind, text, evidence, cost, fix }: Finding): string {
  const rows = evidence
    .filter(({ text: seen }) => seen !== '')
    .map(({ at, text: seen }) => `<li>${at === undefined ? '' : `${clock(at)} `}${html(seen)}</li>`);
  return (
    `<li><div class="finding"><span class="tag ${kind}">${subject}</span><div>${withCode(text)}` +
    (cost && cost.impactMs > 0 ? ` <span class="cost">${html(costText(cost))}</span>` : '') +
    (rows.length > 0 ? `<ul class="evidence">${rows.join('')}</ul>` : '') +
    (fix ? `<pre>${fixHtml(fix.text)}</pre>` : '') +
    (kind === 'good' ? '' : '<div class="box"><span>owner</span><span>due</span></div>') +
    '</div></div></li>'
  );
}

/** Findings put commands and fields between back-ticks. */
function withCode(text: string): string {
  return html(text).replace(/`([^`]+)`/g, '<code>$1</code>');
}

function fixHtml(text: string): string {
  return text
    .split('\n')
    .map((line) => {
      const tone = line.startsWith('+') ? 'add' : line.startsWith('-') ? 'del' : '';
      return tone ? `<span class="${tone}">${html(line)}</span>` : html(line);
    })
    .join('\n');
}

function toneOf(mark: string): string {
  if (/^[AB]$/.test(mark)) return 'good';
  if (mark === 'C') return 'warn';
  return /^[DE]$/.test(mark) ? 'bad' : '';
}
