import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { grade } from '../../src/grade/grade.ts';
import type { GradeInput } from '../../src/grade/input.ts';
import { loadGradeInput } from '../../src/grade/load.ts';
import { gameFolder } from '../../src/log/folder.ts';
import { packageRoot } from '../../src/paths.ts';
import type { RecordingOutcome } from '../../src/signal/recorded-series.ts';

let input: GradeInput;
beforeAll(async () => {
  input = await loadGradeInput(
    gameFolder(join(packageRoot, 'test/fixtures/games/broken-upstream-mitigated')),
  );
});

/** The game as if the panels' queries of a dashboard had gone otherwise. */
const withOutcome = (outcome: RecordingOutcome, is: (dashboard: string) => boolean = () => true) => {
  const queries = input.series!.queries.map((query) =>
    query.panel && is(query.panel.dashboard) ? { ...query, outcome, why: 'for a reason', series: [] } : query,
  );
  return grade({ ...input, series: { ...input.series!, queries } }).dashboards;
};

it.each(['no answer', 'not asked', 'other source'] as const)(
  'a panel with the outcome "%s" is in no part of a score, and its dashboard is no dead end',
  (outcome) => {
    const { parts, boards, expected } = withOutcome(outcome);
    expect(parts).not.toHaveProperty('healthy');
    expect(parts).not.toHaveProperty('expected');
    expect(parts).not.toHaveProperty('placing');
    expect(boards.map(({ verdict }) => verdict)).not.toContain('misled');
    expect(boards.flatMap(({ golden }) => Object.values(golden))).not.toContain('flat');
    const wanted = outcome === 'other source' ? 'other source' : 'not recorded';
    expect(new Set(expected.map(({ verdict }) => verdict))).toEqual(new Set([wanted]));
  },
);

it('the same panels refused by Prometheus are broken', () => {
  const { parts, boards } = withOutcome('refused');
  expect(parts).toMatchObject({ healthy: 0, expected: 0 });
  expect(boards.map(({ verdict }) => verdict)).toContain('misled');
});

it('what was left out of one dashboard changes nothing about the others', () => {
  const other = ({ boards }: ReturnType<typeof withOutcome>) =>
    boards.filter(({ uid }) => uid !== 'checkout');
  expect(other(withOutcome('no answer', (uid) => uid === 'checkout'))).toEqual(
    other(grade(input).dashboards),
  );
});
