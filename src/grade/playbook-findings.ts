import type { PlaybookGrade } from './playbook.ts';
import type { Finding } from './scorecard.ts';
import { duration, quoted } from './words.ts';

export function playbookFindings(grade: PlaybookGrade): Finding[] {
  const { name, steps, harmful, unplanned, helpful, hintsTaken } = grade;
  const base = { subject: 'playbook' as const };
  return [
    ...harmful.map(
      ({ at, text, why }): Finding => ({
        ...base,
        about: name,
        kind: 'gap',
        text: `The playbook lists ${quoted(text)} as harmful (${why}), and the tools let it pass.`,
        evidence: [{ at, text }],
      }),
    ),
    ...undone(grade, 'missing'),
    ...undone(grade, 'impossible'),
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
        }),
      ),
    ...helpful.map(
      ({ at, text }): Finding => ({
        ...base,
        about: name,
        kind: 'improvement',
        text: `${quoted(text)} led to the cause and is in no step: a candidate for the playbook.`,
        evidence: [{ at, text }],
      }),
    ),
    ...(unplanned.length > 0
      ? [
          {
            ...base,
            about: name,
            kind: 'improvement' as const,
            text: `The playbook does not say whether ${listed(unplanned.map(({ text }) => text))} would help; it changed something and did not restore the service.`,
            evidence: unplanned,
          },
        ]
      : []),
    ...(hintsTaken > 0
      ? [
          {
            ...base,
            about: name,
            kind: 'improvement' as const,
            text: `The playbook left a question open: ${hintsTaken === 1 ? 'a hint was' : `${hintsTaken} hints were`} needed.`,
            evidence: [],
          },
        ]
      : []),
    ...(grade.score === 1
      ? [
          {
            ...base,
            about: name,
            kind: 'good' as const,
            text: `${name} led through, in order.`,
            evidence: [],
          },
        ]
      : []),
  ];
}

function undone({ name, steps }: PlaybookGrade, status: 'missing' | 'impossible'): Finding[] {
  const left = steps.filter((step) => step.status === status);
  if (left.length === 0) return [];
  const ids = left.map(({ id }) => id).join(', ');
  const one = left.length === 1;
  const text =
    status === 'missing'
      ? `${one ? `Step ${ids} was` : `Steps ${ids} were`} not reached: ${one ? 'is it' : 'are they'} needed, and does the alert lead there?`
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

function listed(commands: readonly string[]): string {
  const shown = commands.slice(0, 3).map(quoted);
  const more = commands.length - shown.length;
  return more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(', ');
}
