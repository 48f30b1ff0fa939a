import { describeError } from '../../../errors.ts';
import { loadLibrary } from '../../../game/library/library.ts';
import {
  type DrilledGame,
  drilledGame,
  evidenceOf,
  type GamesEvidence,
  type PlaybookEvidence,
} from '../../../grade/evidence/evidence.ts';
import { loadGradeInput } from '../../../grade/load.ts';
import { clean } from '../../../words/clean.ts';
import { plural } from '../../../words/number.ts';
import { print } from '../../output.ts';
import { gamesOver } from './folders.ts';

/** `misfortune games evidence [FOLDER]`: Markdown, or JSON. Games that cannot be read cost a line each. */
export async function gamesEvidence(folder: string | undefined, options: { json?: boolean }): Promise<void> {
  const folders = gamesOver(folder);
  const games: DrilledGame[] = [];
  const broken: { game: string; error: string }[] = [];
  let unplayed = 0;
  for (const one of folders) {
    try {
      const game = drilledGame(one.id, await loadGradeInput(one));
      if (game) games.push(game);
      else unplayed += 1;
    } catch (error) {
      broken.push({ game: one.id, error: describeError(error).replace(/\s*\n\s*/g, ' ') });
    }
  }
  const { library } = await loadLibrary();
  const playbooks = library.playbooks.flatMap(({ playbook }) => playbook ?? []);
  const expected = library.scenarios.flatMap(({ scenario }) => scenario?.alerts.expected ?? []);
  const evidence = evidenceOf(games, {
    playbooks: playbooks.map(({ name }) => name),
    alerts: [...playbooks.flatMap(({ answers }) => answers), ...expected.map(({ name }) => name)],
  });
  print({ ...evidence, unplayed, broken }, options, () => [
    ...markdown(evidence),
    ...(unplayed > 0 ? ['', `Not counted, as nobody responded: ${plural(unplayed, 'game')}.`] : []),
    ...(broken.length > 0
      ? ['', ...broken.map(({ game, error }) => `Not read: ${game}: ${clean(error)}`)]
      : []),
  ]);
}

function markdown({ games, playbooks, alerts }: GamesEvidence): string[] {
  const drilled = playbooks.filter((one) => one.games > 0);
  return [
    `# Evidence of ${plural(games, 'game')}`,
    ...section(
      'Playbooks',
      ['playbook', 'games', 'last drilled', 'where', 'result'],
      [
        ...drilled.map(({ name, games: count, last }) => [
          ...[name, String(count), day(last!.at), last!.cluster],
          `${last!.done} of ${last!.of} steps done, game ${last!.ending} (${last!.game})`,
        ]),
      ],
    ),
    ...never('playbooks', playbooks),
    ...drilled.flatMap(stepsOf),
    ...section(
      'Alerts',
      ['alert', 'games', 'fired', 'not observed', 'last drilled', 'where', 'result'],
      [
        ...alerts
          .filter((one) => one.games > 0)
          .map(({ name, games: count, fired, notObserved, last }) => [
            ...[name, String(count), String(fired), String(notObserved), day(last!.at), last!.cluster],
            `${last!.text} (${last!.game})`,
          ]),
      ],
    ),
    ...never('alerts', alerts),
  ];
}

function stepsOf({ name, byPeople, steps, candidates }: PlaybookEvidence): string[] {
  const questions = steps.filter(({ isQuestioned }) => isQuestioned);
  const skippedOf = ({ done, skipped }: { done: number; skipped: number }) =>
    `${skipped} of ${done + skipped} games`;
  return [
    ...section(
      `Playbook ${name}, ${plural(byPeople, 'game')} of people`,
      ['step', 'done', 'skipped', 'not observable', 'other'],
      steps.map(({ id, optional, done, skipped, notObservable, other }) => [
        optional ? `${id} (optional)` : id,
        ...[done, skipped, notObservable, other].map(String),
      ]),
    ),
    ...list(questions.map((step) => `${skippedOf(step)} skipped \`${step.id}\`: is it needed?`)),
    ...list(
      candidates.map(({ text, kind, games: where }) => {
        const did = kind === 'write' ? 'restored service' : 'showed the root cause';
        return `\`${clean(text)}\` ${did} in ${plural(where.length, 'game')} (${where.join(', ')}), and no step asks for it: a candidate.`;
      }),
    ),
  ];
}

function section(title: string, head: string[], rows: string[][]): string[] {
  if (rows.length === 0) return [];
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => clean(cell).replaceAll('|', '\\|')).join(' | ')} |`;
  return ['', `## ${title}`, '', line(head), line(head.map(() => '---')), ...rows.map(line)];
}

function list(lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', ...lines.map((line) => `* ${line}`)];
}

function never(what: string, all: readonly { name: string; games: number }[]): string[] {
  const names = all.filter(({ games }) => games === 0).map(({ name }) => name);
  return names.length === 0 ? [] : ['', `Never drilled (${names.length} ${what}): ${names.join(', ')}.`];
}

function day(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
