import { quoted } from '../../words/escape.ts';
import { duration } from '../../words/time.ts';
import type { Finding } from '../finding.ts';
import type { Course } from '../moments.ts';
import type { PlaybookGrade, UnplannedChange } from './playbook.ts';

export function playbookFindings(grade: PlaybookGrade, { faultEnd }: Pick<Course, 'faultEnd'>): Finding[] {
  const { name, steps, harmful, unplanned, undone, outages, helpful, hints } = grade;
  const since = (at = 0, until = faultEnd) => (until > at ? { span: { from: at, until } } : {});
  const base = { subject: 'playbook' as const };
  return [
    ...harmful.map(
      ({ at, text, who, why }): Finding => ({
        ...base,
        about: name,
        kind: 'gap',
        text: `The playbook lists ${quotedBy({ text, who })} as harmful (${why}), and nothing warned before the command ran.`,
        evidence: [{ at, text }],
        ...since(at),
      }),
    ),
    ...notDone(grade, 'missing'),
    ...notDone(grade, 'impossible'),
    ...steps
      .filter(({ status }) => status === 'early')
      .map(
        ({ id, at, by }): Finding => ({
          ...base,
          about: id,
          kind: 'improvement',
          text: `Step ${id} worked before the steps it waits for: is their order needed?`,
          evidence: [{ at, text: by ?? '' }],
        }),
      ),
    ...steps
      .filter(({ lateMs }) => lateMs !== undefined)
      .map(
        ({ id, at, by, lateMs }): Finding => ({
          ...base,
          about: id,
          kind: 'improvement',
          text: `Step ${id} came ${duration(lateMs ?? 0)} after the time that the playbook gives it.`,
          evidence: [{ at, text: by ?? '' }],
          ...since((at ?? 0) - (lateMs ?? 0), at),
        }),
      ),
    ...undone.map(
      ({ at, text, who, steps: ids }): Finding => ({
        ...base,
        about: ids.join(', '),
        kind: 'improvement',
        text: `${quotedBy({ text, who })} took ${ids.length === 1 ? 'step' : 'steps'} ${ids.join(', ')} back: the service failed again.`,
        evidence: [{ at, text }],
        ...since(at, outages.find(({ cause }) => cause?.at === at)?.until),
      }),
    ),
    ...helpful.map(
      ({ at, text, who, kind }): Finding => ({
        ...base,
        about: name,
        kind: 'improvement',
        text: `${quotedBy({ text, who })} ${kind === 'look' ? 'looked at the origin before it was diagnosed' : 'was the last change before the service recovered'} and is in no step: a candidate for the playbook.`,
        evidence: [{ at, text }],
      }),
    ),
    ...unplanned.flatMap((change) => {
      const text = saidOf(change);
      const { at, text: what, known, stillFailing } = change;
      if (!text) return [];
      const span = known?.fails !== undefined || stillFailing ? since(at) : {};
      const evidence = [{ at, text: what }];
      return [{ ...base, about: name, kind: 'improvement' as const, text, evidence, ...span }];
    }),
    ...hintFindings(name, hints),
    ...(grade.score === 1
      ? [
          {
            ...base,
            about: name,
            kind: 'good' as const,
            text: `${name} was followed to the end, in order.`,
            evidence: [],
          },
        ]
      : []),
  ];
}

function notDone({ name, steps }: PlaybookGrade, status: 'missing' | 'impossible'): Finding[] {
  const left = steps.filter((step) => step.status === status);
  if (left.length === 0) return [];
  const ids = left.map(({ id }) => id).join(', ');
  const one = left.length === 1;
  const text =
    status === 'missing'
      ? `${one ? `Step ${ids} was` : `Steps ${ids} were`} not reached: ${one ? 'is it' : 'are they'} needed, and does the alert link there?`
      : `${one ? `Step ${ids}` : `Steps ${ids}`} had become impossible: what ${one ? 'it is' : 'they are'} about was gone.`;
  return [
    {
      subject: 'playbook',
      about: name,
      kind: 'gap',
      text,
      evidence: left.map(({ id, say }) => ({ text: `${id}: ${say}` })),
    },
  ];
}

/** What may be said of a change that no step asks for; nothing where nothing is known of its effect. */
function saidOf({ text, who, known, afterFixMs, stillFailing }: UnplannedChange): string | undefined {
  const change = quotedBy({ text, who });
  if (known?.fails !== undefined)
    return `${change} is the wrong fix ${named(known)} of the scenario, which fails the check ${known.fails}: does the playbook warn of it?`;
  const when = afterFixMs === undefined ? '' : `, ${duration(afterFixMs)} after the fix,`;
  if (known) {
    const part = known.isPart ? 'as part of the fix' : 'as the fix';
    return `${change}${when} is in no step; the scenario lists it ${part} ${named(known)}.`;
  }
  if (afterFixMs !== undefined || !stillFailing) return undefined;
  return `The playbook does not say whether ${change} would help: it changed something, and the service went on failing.`;
}

function named({ name }: { name: string }): string {
  return `“${name}”`;
}

/** A command with who ran it, where several took part. */
function quotedBy({ text, who }: { text: string; who?: string }): string {
  return who === undefined ? quoted(text) : `${quoted(text)} (${who})`;
}

/** A hint that was taken before anything was opened says nothing about the playbook. */
function hintFindings(name: string, hints: PlaybookGrade['hints']): Finding[] {
  const needed = hints.filter(({ unprepared }) => !unprepared);
  if (needed.length === 0) return [];
  const [first] = needed;
  const count = needed.length === 1 ? 'A hint was taken' : `${needed.length} hints were taken, the first`;
  return [
    {
      subject: 'playbook',
      about: name,
      kind: 'improvement',
      text: `${count} ${duration(first?.at ?? 0)} after the injection: does the playbook answer what it says?`,
      evidence: needed,
      ...(first?.at !== undefined && { span: { from: 0, until: first.at } }),
    },
  ];
}
