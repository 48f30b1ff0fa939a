import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { describeError } from '../../src/errors.ts';
import { notRepeatable } from '../../src/fault/types/registry.ts';
import { packageRoot } from '../../src/paths.ts';
import { lintScenario } from '../../src/scenario/lint.ts';
import { changed, haymaker, parse } from './fixtures.ts';

/** The flood comes in turns. Line and column are those of what is wrong. */
const repeated = (repeat: string, ...more: [string, string][]) =>
  changed(['  - id: flood\n', `  - id: flood\n    repeat: ${repeat}\n`], ...more);
const problems = (source: string) => parse(source).problems.map(describeError);

it('lets a fault come and go, a number of times or until the game is over', () => {
  const { scenario } = parse(repeated('{ every: 5m, for: 2m }'));
  expect(scenario?.faults[0]).toMatchObject({ id: 'flood', repeat: { every: 300_000, for: 120_000 } });
  const decoy = `decoys:
  - { id: bells, noise: true, why: they ring, repeat: { every: 1m, for: 5s, times: 3 }, delete: { ref: service/shop/x } }
oracle:
`;
  const { decoys } = parse(changed(['oracle:\n', decoy])).scenario!;
  expect(decoys[0]).toMatchObject({ type: 'delete', repeat: { every: 60_000, for: 5_000, times: 3 } });
});

it('says where turns would overlap', () => {
  expect(problems(repeated('{ every: 2m, for: 2m }'))[0]).toMatch(
    /haymaker\.yaml:17:31.*Expected each turn to be over before the next begins.*less than 2m/s,
  );
  expect(problems(repeated('{ every: 2m }'))[0]).toMatch(/the key "for"/);
  expect(problems(repeated('{ every: 2m, fro: 1m }')).join()).toMatch(
    /Unknown key "fro".*Did you mean "for"/s,
  );
});

it('wants turns in which a fault shows and a fix can be proven', () => {
  expect(problems(repeated('{ every: 5m, for: 89s }'))).toEqual([
    expect.stringMatching(/haymaker\.yaml:17:31.*at least 1m30s, to show the effect.*got 1m29s/s),
  ]);
  expect(problems(repeated('{ every: 5m, for: 90s }'))).toEqual([]);
});

it('wants a fault that is there to the end, or doing nothing would mend it', () => {
  expect(problems(repeated('{ every: 5m, for: 2m, times: 3 }'))).toEqual([
    expect.stringMatching(/haymaker\.yaml:17:42.*has `times`.*Remove `times`/s),
  ]);
  const lasting = '  - { id: less, workload: { ref: deployment/shop/checkout, replicas: 1 } }\noracle:\n';
  expect(problems(repeated('{ every: 5m, for: 2m, times: 3 }', ['oracle:\n', lasting]))).toEqual([]);
});

it('bounds the number of turns, and with them the ledger', () => {
  expect(problems(repeated('{ every: 2m, for: 90s }', ['timeout: 20m', 'timeout: 5h']))[0]).toMatch(
    /haymaker\.yaml:17:22.*at most 100 turns in 5h, got 150/s,
  );
  expect(problems(repeated('{ every: 2m, for: 90s, times: 101 }'))[0]).toMatch(/at most 100/);
});

it('refuses what has no end of its own, at its place', () => {
  const kill = changed([
    'oracle:\n',
    `  - id: gone
    repeat: { every: 5m, for: 2m }
    kill: { target: deployment/shop/checkout }
oracle:
`,
  ]);
  const found = lintScenario(parse(kill), { notRepeatable }).map(describeError);
  expect(found).toEqual([
    expect.stringMatching(
      /haymaker\.yaml:25:5.*gone cannot be repeated: what a kill does comes back by itself/s,
    ),
  ]);
  const flood = repeated('{ every: 5m, for: 2m }');
  expect(lintScenario(parse(flood), { notRepeatable })).toEqual([]);
});

it('is told of in docs/steps.md by an example that is a scenario', () => {
  const page = readFileSync(join(packageRoot, 'docs/steps.md'), 'utf8');
  const example = page.match(/```yaml\n([\s\S]*?)```/)?.[1];
  const { problems: found, scenario } = parse(haymaker.replace(/^faults:\n[\s\S]*?(?=^oracle:)/m, example!));
  expect(found.map(describeError)).toEqual([]);
  expect(scenario?.faults.map(({ id, repeat }) => [id, repeat?.for])).toEqual([
    ['dead-till', undefined],
    ['flood', 120_000],
  ]);
});
