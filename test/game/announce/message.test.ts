import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { beginning, ending } from '../../../src/game/announce/message.ts';
import type { Ending } from '../../../src/log/events.ts';
import { packageRoot } from '../../../src/paths.ts';
import { wordsOf } from '../../slow/e2e/secrets.ts';

const endings: Ending[] = [
  'mitigated',
  'timed-out',
  'aborted',
  'expired',
  'restored-by-guardian',
  'not-started',
];

/** A channel knows that a game day is on, and must be told how to stop it: these two say nothing of the game. */
const allowed = /game day|misfortune\.dev\/abort/g;

it.each(['haymaker', 'broken-upstream'])(
  'says nothing of %s, however it ends and whatever is left',
  (name) => {
    const text = readFileSync(join(packageRoot, 'scenarios', `${name}.yaml`), 'utf8');
    const scenario = parse(text) as { stack: string | { name: string }; oracle: { all: { id: string }[] } };
    const words = wordsOf(name);
    // The reasons and values that a difference comes with may quote the scenario.
    const secret = fc.constantFrom(
      name,
      ...scenario.oracle.all.map(({ id }) => id),
      'the fault had no effect',
    );
    const line = fc
      .tuple(fc.constantFrom('deployment/shop/edge', 'configmap/shop/edge', 'not restored'), secret)
      .map(([where, what]) => `${where}: was ${what}`);
    fc.assert(
      fc.property(
        fc.constantFrom(...endings),
        fc.option(fc.record({ differences: fc.array(line), conflicts: fc.array(line) }), { nil: undefined }),
        (ended, restored) => {
          const namespaces = ['shop', 'batch'];
          const said = [
            beginning({ cluster: 'staging', namespaces, until: 0, by: 'alex' }),
            ending({ cluster: 'staging', by: 'alex', ended, restored }),
          ].join('\n');
          expect(said.replace(allowed, '').match(words)).toBeNull();
        },
      ),
    );
  },
);

it('names what is not as it was, five things at most, without values', () => {
  const differences = [1, 2, 3, 4, 5, 6].map((n) => `deployment/shop/web-${n} spec.replicas: was 2, is 3`);
  const conflicts = ['secret/shop/web-1 data.password: was x, the game made it y, somebody made it z'];
  const restored = { differences: [...differences, differences[0]!], conflicts };
  expect(ending({ cluster: 'staging', by: 'alex', ended: 'timed-out', restored })).toBe(
    [
      'The game day on staging is over: the time was up. Not as it was before: deployment/shop/web-1, deployment/shop/web-2, deployment/shop/web-3, deployment/shop/web-4, deployment/shop/web-5 and 2 more.',
      'alex puts it right; please leave it alone until then.',
    ].join('\n'),
  );
});

it('says when nothing was changed', () => {
  const say = (ended: Ending) => ending({ cluster: 'staging', by: 'alex', ended, restored: undefined });
  expect(say('not-started')).toBe('The game day on staging did not take place: nothing was changed.');
  expect(say('aborted')).toBe('The game day on staging is over: nothing was changed.');
});
