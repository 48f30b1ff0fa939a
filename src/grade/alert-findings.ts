import { formatDuration } from '../duration.ts';
import type { AlertsGrade, ExpectedAlertGrade } from './alerts.ts';
import type { Counterfactual } from './counterfactual.ts';
import type { GradeInput } from './grade.ts';
import type { Evidence, Finding } from './scorecard.ts';
import { duration, plural } from './words.ts';

export function alertFindings({ expected, groups }: AlertsGrade, { state }: GradeInput): Finding[] {
  const speed = state.game?.speed ?? 1;
  const noise = groups.filter(({ relevant }) => !relevant);
  return [
    ...expected.flatMap((one) => expectedFindings(one, speed)),
    ...noise.map(
      ({ name, because, at }): Finding => ({
        subject: 'alerts',
        about: name,
        kind: 'improvement',
        text: `${name} fired and ${because}: it takes attention from what matters.`,
        evidence: [{ at, text: `${name} fired` }],
      }),
    ),
  ];
}

function expectedFindings(one: ExpectedAlertGrade, speed: number): Finding[] {
  const { name, verdict, handling, counterfactual } = one;
  // What could not be seen is no finding about the alert.
  if (verdict === 'not_observed') return [];
  const main: Finding = {
    subject: 'alerts',
    about: name,
    kind: verdict !== 'ok' ? 'gap' : counterfactual ? 'improvement' : 'good',
    text: `${name} ${one.text}.${counterfactual ? ` ${proposalText(one, counterfactual, speed)}` : ''}`,
    evidence: evidenceOf(one),
    ...(counterfactual && { change: { language: 'diff', text: ruleDiff(one, counterfactual, speed) } }),
  };
  const lacking = handling.filter(({ holds }) => !holds);
  if (lacking.length === 0 || verdict === 'no_rule') return [main];
  const lack: Finding = {
    subject: 'alerts',
    about: name,
    kind: 'improvement',
    text: `${name} does not lead on: ${lacking.map(({ name: what, seen }) => `${what} (${seen})`).join(', ')}.`,
    evidence: [],
  };
  return [main, lack];
}

/** "`for: 2m` …; `for: 30s` would have fired at 1 m 05 s and not once in the quiet 12 m." */
function proposalText(one: ExpectedAlertGrade, proposal: Counterfactual, speed: number): string {
  const alarms = proposal.falseAlarms === 0 ? 'not once' : plural(proposal.falseAlarms, 'time');
  return (
    `It has \`for: ${ruleDuration(one.rule?.for ?? 0, speed)}\`; \`for: ${formatDuration(proposal.for)}\` would have ` +
    `fired after ${duration(proposal.afterMs)}, and ${alarms} in the recorded ${duration(proposal.quietMs)} before.`
  );
}

/** The change as a person would make it in the rule file; the rule's own file may have it formatted otherwise. */
function ruleDiff({ name, rule }: ExpectedAlertGrade, proposal: Counterfactual, speed: number): string {
  return [
    ` - alert: ${name}`,
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
  const { pendingAt, firingAt, notifiedAt, resetAt, receivers, fired, censoredMs } = one;
  const known: Evidence[] = [
    { at: pendingAt, text: 'pending' },
    { at: firingAt, text: 'firing' },
    { at: notifiedAt, text: `told ${receivers.join(', ')}` },
    { at: resetAt, text: 'reset' },
  ].filter(({ at }) => at !== undefined);
  if (!fired) known.push({ text: `silent for the ${duration(censoredMs)} that were looked at` });
  return known;
}
