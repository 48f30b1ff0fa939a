import { formatDuration } from '../../words/duration.ts';
import { plural } from '../../words/number.ts';
import { duration } from '../../words/time.ts';
import type { Evidence, Finding, Fix, Span } from '../finding.ts';
import type { GradeInput } from '../input.ts';
import type { Course } from '../moments.ts';
import { endTexts } from './alert-end.ts';
import type { AlertsGrade, ExpectedAlertGrade } from './alerts.ts';
import { type Counterfactual, isPriced } from './counterfactual.ts';
import { handlingFix } from './handling-fix.ts';
import { ruleFix } from './rule-fix.ts';

export function alertFindings(
  { expected, groups }: AlertsGrade,
  input: GradeInput,
  course: Course,
): Finding[] {
  const noise = groups.filter(({ relevant }) => !relevant);
  return [
    ...expected.flatMap((one) => expectedFindings(one, input, course)),
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

function expectedFindings(one: ExpectedAlertGrade, input: GradeInput, course: Course): Finding[] {
  const { name, verdict, handling, counterfactual, threshold, renamed } = one;
  const speed = input.state.game?.speed ?? 1;
  // What could not be seen is no finding about the alert.
  if (verdict === 'not_observed' || verdict === 'on_before') return [];
  const priced = counterfactual && isPriced(counterfactual, speed) ? counterfactual : undefined;
  const sentence = renamed
    ? `There is no rule ${name};${one.text.replace(/^has no rule;/, '')}.`
    : `${name} ${one.text}.`;
  const proposal = counterfactual
    ? ` ${proposalText(one, counterfactual, speed)}`
    : threshold
      ? ` \`${threshold.compares}\` would have fired after ${duration(threshold.afterMs)}${speed === 1 ? '' : ` at speed ${speed}`}; nothing came that far in the recorded ${duration(threshold.quietMs)} of quiet before.`
      : '';
  const fix = one.fix ?? one.threshold?.fix ?? (priced && forFix(one, priced, input));
  const main: Finding = {
    subject: 'alerts',
    about: name,
    kind: verdict !== 'ok' || renamed ? 'gap' : fix ? 'improvement' : 'good',
    text: `${sentence}${proposal}`,
    evidence: evidenceOf(one),
    ...(verdict !== 'ok' && { span: untold(one, course) }),
    ...(fix && { fix }),
  };
  const lacking = handling.filter(({ holds }) => !holds);
  if (lacking.length === 0 || verdict === 'no_rule') return [main];
  const lack: Finding = {
    subject: 'alerts',
    about: name,
    kind: 'improvement',
    text: `${name} is not actionable: ${lacking.map(({ name: what, seen }) => `${what} (${seen})`).join(', ')}.`,
    evidence: [],
    ...handlingFix(one, lacking, input),
  };
  return [main, lack];
}

/** From the first symptom until its owner heard of it; where nobody could see that, until it fired. */
function untold({ ownerHeard, notifiedAt, firingAt }: ExpectedAlertGrade, { search, end }: Course): Span {
  const told = ownerHeard === undefined ? firingAt : ownerHeard ? notifiedAt : undefined;
  return { from: search.from, until: Math.max(search.from, told ?? end) };
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

function forFix(
  { name, rule, renamed }: ExpectedAlertGrade,
  proposal: Counterfactual,
  input: GradeInput,
): Fix {
  const from = ruleDuration(rule?.for ?? 0, input.state.game?.speed ?? 1);
  const edit = { path: ['for'], from, to: formatDuration(proposal.for) } as const;
  return ruleFix('for', renamed?.rule ?? name, [edit], input);
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
