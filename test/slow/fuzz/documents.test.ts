import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { configSchema } from '../../../src/config/schema.ts';
import { parseSource } from '../../../src/document/read.ts';
import { validate } from '../../../src/document/validate.ts';
import { MisfortuneError } from '../../../src/errors.ts';
import {
  claimedRefs,
  clashOf,
  faultSchemas,
  mechanisms,
  notRepeatable,
} from '../../../src/fault/types/registry.ts';
import { packageRoot } from '../../../src/paths.ts';
import { lintPlaybook } from '../../../src/playbook/lint.ts';
import { parsePlaybook } from '../../../src/playbook/parse.ts';
import { lintScenario } from '../../../src/scenario/lint.ts';
import { parseScenario } from '../../../src/scenario/parse.ts';

/** How many documents; MISFORTUNE_FUZZ says otherwise. */
const count = Number(process.env.MISFORTUNE_FUZZ ?? 2000);
const slowest = 2000;

const folders = ['scenarios', 'playbooks', 'test/fixtures/scenarios'].map((name) => join(packageRoot, name));
const config = `apiVersion: misfortune/v1
kind: Config
scenarios: [./scenarios]
clusters:
  staging: { context: staging-eks, namespaces: [shop], prometheus: { url: 'http://127.0.0.1:9090' }, limits: { minutes: 40 } }
`;
const originals = [
  config,
  ...folders.flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.yaml'))
      .map((name) => readFileSync(join(folder, name), 'utf8')),
  ),
];

/** Words that have broken parsers of this kind before. */
const words = fc.constantFrom(
  ...[
    '__proto__',
    'constructor',
    'toString',
    '${',
    '${x}',
    '$${',
    '${rate.name}',
    '${a.b.c}',
    '-1',
    '1e999',
    '.nan',
  ],
  ...[
    '~',
    '[]',
    '{}',
    '[[[[',
    '}',
    '"',
    "'",
    '|',
    '>-',
    '*a',
    '&a',
    '<<: x',
    '!!binary x',
    '%TAG ! x',
    '---',
    '...',
    '\0',
  ],
  ...[
    '\t',
    '\r\n',
    '\u2028',
    '\ud800',
    '💥',
    '99999999999999999999',
    '0x10',
    '1_000',
    '30s',
    '999999h',
    '-5m',
    '/',
    'a/b/c/d',
  ],
);

/** A change of a text at a share of its length: a piece is cut out, doubled or replaced, or a line comes in. */
interface Change {
  at: number;
  length: number;
  kind: 'cut' | 'double' | 'word' | 'line';
  word: string;
}

const change: fc.Arbitrary<Change> = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  length: fc.nat(40),
  kind: fc.constantFrom<Change['kind'][]>('cut', 'double', 'word', 'line'),
  word: fc.oneof(words, fc.string({ maxLength: 12 })),
});

function mutate(text: string, changes: Change[]): string {
  return changes.reduce((before, { at, length, kind, word }) => {
    const start = Math.floor(at * before.length);
    const piece = before.slice(start, start + length);
    const rest = before.slice(start + length);
    if (kind === 'cut') return before.slice(0, start) + rest;
    if (kind === 'double') return before.slice(0, start) + piece + piece + rest;
    if (kind === 'word') return before.slice(0, start) + word + rest;
    const line = before.lastIndexOf('\n', start) + 1;
    return `${before.slice(0, line)}${word}: ${word}\n${before.slice(line)}`;
  }, text);
}

/** Reads a document as the program does; gives how many problems it has. */
function read(source: string): number {
  const { document, problems } = parseSource('x.yaml', source);
  if (!document) return problems.length;
  const parsed = parseScenario(document, { faultSchemas });
  const context = { mechanisms, clash: clashOf, claimed: claimedRefs, notRepeatable, playbooks: [] };
  const playbook = parsePlaybook(document);
  const all = [
    ...parsed.problems,
    ...lintScenario(parsed, context),
    ...playbook.problems,
    ...lintPlaybook(playbook, { alerts: [], dashboards: [] }),
    ...validate(document, configSchema).problems,
  ];
  for (const problem of all) expect(problem).toBeInstanceOf(MisfortuneError);
  return all.length;
}

describe('a document that was spoiled', () => {
  it(`is read or refused, never a defect and never a wait (${count} documents)`, () => {
    let longest = 0;
    fc.assert(
      fc.property(
        fc.constantFrom(...originals),
        fc.array(change, { minLength: 1, maxLength: 6 }),
        (text, changes) => {
          const begun = performance.now();
          read(mutate(text, changes));
          const took = performance.now() - begun;
          longest = Math.max(longest, took);
          return took < slowest;
        },
      ),
      { numRuns: count },
    );
    process.stdout.write(`${count} documents, the slowest took ${longest.toFixed(0)} ms\n`);
  });
});
