import { formatDuration } from '../../words/duration.ts';
import { plural } from '../../words/number.ts';
import { duration } from '../../words/time.ts';
import type { Evidence, Finding } from '../finding.ts';
import type { GradeInput } from '../input.ts';
import { endTexts } from './alert-end.ts';
import type { AlertsGrade, ExpectedAlertGrade } from './alerts.ts';
import { type Counterfactual, isPriced } from './counterfactual.ts';

export function alertFindings({ expected, groups }: AlertsGrade, { state }: GradeInput): Finding[] {
  const speed = state.game?.speed ?? 1;
  const noise = groups.filter(({ relevant }) => !relevant);
  return [
    ...expected.flatMap((one) => expectedFindings(one, speed)),
    ...noise.map(
      ({ name, because, at, rounds }): Finding => ({
        subject: 'alerts',
        about: name,
        kind: 'improvement',
        text: `${name} fired${rounds.length > 1 ? ` ${rounds.length} times` : ''} and ${because}: it distracts from the failure.`,
        evidence: [{ at, text: `${name} fired` }],
      }),
    ),
  ];
}

function expectedFindings(one: ExpectedAlertGrade, speed: number): Finding[] {
  const { name, verdict, handling, counterfactual, change, renamed } = one;
  // What could not be seen is no finding about the alert.
  if (verdict === 'not_observed' || verdict === 'on_before') return [];
  const priced = counterfactual && isPriced(counterfactual, speed) ? counterfactual : undefined;
  const sentence = renamed
    ? `There is no rule ${name};${one.text.replace(/^has no rule;/, '')}.`
    : `${name} ${one.text}.`;
  const proposal = counterfactual ? ` ${proposalText(one, counterfactual, speed)}` : '';
  const proposed = priced && { language: 'diff' as const, text: ruleDiff(one, priced, speed) };
  const main: Finding = {
    subject: 'alerts',
    about: name,
    kind: verdict !== 'ok' || renamed ? 'gap' : change ? 'improvement' : 'good',
    text: `${sentence}${proposal}`,
    evidence: evidenceOf(one),
    ...((change ?? proposed) && { change: change ?? proposed }),
  };
  const lacking = handling.filter(({ holds }) => !holds);
  if (lacking.length === 0 || verdict === 'no_rule') return [main];
  const lack: Finding = {
    subject: 'alerts',
    about: name,
    kind: 'improvement',
    text: `${name} is not actionable: ${lacking.map(({ name: what, seen }) => `${what} (${seen})`).join(', ')}.`,
    evidence: [],
  };
  return [main, lack];
}

/** What another `for` would have done, and what it costs; without enough quiet only that this is not known. */
function proposalText(one: ExpectedAlertGrade, proposal: Counterfactual, speed: number): string {
  const quiet = duration(proposal.quietMs);
  const proposed = `\`for: ${formatDuration(proposal.for)}\``;
  if (!isPriced(proposal, speed)) {
    return `A shorter \`for\` would have been in time, but only ${quiet} of quiet were recorded: too little to propose a value.`;
  }
  const alarms = proposal.falseAlarms === 0 ? 'not once' : plural(proposal.falseAlarms, 'time');
  const atSpeed = speed === 1 ? '' : ` at speed ${speed}`;
  return (
    `It has \`for: ${ruleDuration(one.rule?.for ?? 0, speed)}\`; ${proposed} would have fired after ` +
    `${duration(proposal.afterMs)}${atSpeed}, and ${alarms} in the recorded ${quiet} of quiet before.`
  );
}

/** The change as a person would make it in the rule file; the rule's own file may have it formatted otherwise. */
function ruleDiff(
  { name, rule, renamed }: ExpectedAlertGrade,
  proposal: Counterfactual,
  speed: number,
): string {
  return [
    ` - alert: ${renamed?.rule ?? name}`,
    `   expr: ${rule?.query ?? ''}`,
    `-  for: ${ruleDuration(rule?.for ?? 0, speed)}`,
    `+  for: ${formatDuration(proposal.for)}`,
  ].join('\n');
}

/** Rules of a sandbox at another speed have divided durations: its file has the whole ones. */
function ruleDuration(ms: number, speed: number): string {
  return formatDuration(ms * speed);
}

function evidenceOf(one: ExpectedAlertGrade): Evidence[] {
  const { pendingAt, notifiedAt, rounds, ended, receivers, fired, censoredMs } = one;
  const known: Evidence[] = [
    { at: pendingAt, text: 'pending' },
    ...rounds.flatMap(({ firingAt, endedAt }, index): Evidence[] => [
      { at: Math.max(0, firingAt), text: 'firing' },
      { at: endedAt, text: index === rounds.length - 1 && ended ? endTexts[ended] : 'ended' },
    ]),
    { at: notifiedAt, text: `notified ${receivers.join(', ')}` },
  ].filter(({ at }) => at !== undefined);
  // Of the same moment the order above stays: firing before told.
  known.sort((a, b) => (a.at ?? 0) - (b.at ?? 0));
  if (!fired) known.push({ text: `silent for the ${duration(censoredMs)} that were checked` });
  return known;
}
