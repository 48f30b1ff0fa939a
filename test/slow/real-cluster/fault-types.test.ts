/** Each fault type by the example of its page, and turns: planned, checked, applied, read again and put back. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { realClock, seededRandom } from '../../../src/clock.ts';
import { clusterIdentity } from '../../../src/cluster/identity.ts';
import { readOnce } from '../../../src/cluster/read-once.ts';
import { compare, takeBaseline } from '../../../src/fault/compare/compare.ts';
import type { Engine } from '../../../src/fault/engine.ts';
import { createLedger } from '../../../src/fault/ledger/ledger.ts';
import { makePlan } from '../../../src/fault/plan/plan.ts';
import { assertPassed, preflight } from '../../../src/fault/plan/preflight.ts';
import { revert } from '../../../src/fault/revert/revert.ts';
import type { EventBody } from '../../../src/log/events.ts';
import { program } from '../../../src/paths.ts';
import { breakIt, faultBreakages } from '../crash/breakages.ts';
import { lacksOf } from './lacks.ts';
import { placeToPlay } from './place.ts';
import { namespaces, type Stand, setUpStand } from './stand.ts';

const place = placeToPlay();
const secondsToPlay = 600;
const guard = {
  ...{ namespaces, secondsToPlay },
  limits: {
    ...{ minutes: 40, requestsPerSecond: 1000 },
    ...{ workloads: { percent: 100 }, nodes: { count: 1 }, stress: { cpu: 1, memory: '512Mi' } },
  },
};

let stand: Stand;
beforeAll(async () => {
  if (place) stand = await setUpStand(place);
}, 900_000);
afterAll(() => stand?.close(), 240_000);

describe.skipIf(!place)('on a real cluster', () => {
  it.for(faultBreakages)(
    '$what: made, seen, and nothing is left',
    { timeout: 300_000 },
    async ({ what, breakage, needs }, { skip }) => {
      const { cluster } = stand;
      if (needs && (await lacksOf(cluster)).lacks.includes(needs)) skip(`the cluster has no ${needs}`);
      const before = await takeBaseline(cluster, namespaces, { clock: realClock });
      const picture = readOnce(cluster);
      const plan = await makePlan(breakage.faults, {
        ...{ cluster: picture, namespaces, secondsToPlay, image: 'node:20-slim' },
        random: seededRandom(1),
        programText: (name) => readFileSync(program(`programs/${name}`), 'utf8'),
      });
      assertPassed(await preflight(plan, guard, picture));
      const identity = await clusterIdentity(cluster);
      const ledger = await createLedger(join(stand.folder, `${what}.jsonl`), {
        ...{ game: what, cluster: identity, at: Date.now() },
      });
      const events: EventBody[] = [];
      const engine: Engine = { cluster, ledger, clock: realClock, emit: (event) => events.push(event) };
      try {
        await breakIt(breakage, plan.operations, engine);
      } finally {
        const restored = await revert(engine, { undoResponder: false });
        await ledger.close();
        expect(restored).toEqual({ differences: [], conflicts: [] });
      }
      const verdicts = events.flatMap((event) =>
        event.type === 'operation-verified' ? [event.verdict] : [],
      );
      expect(verdicts.length).toBeGreaterThan(0);
      expect(verdicts.filter((verdict) => verdict !== 'confirmed')).toEqual([]);
      expect(compare(before, await takeBaseline(cluster, namespaces, { clock: realClock }))).toEqual([]);
    },
  );
});
