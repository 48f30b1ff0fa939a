import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { realClock, seededRandom } from '../../src/clock.ts';
import type { Cluster } from '../../src/cluster/cluster.ts';
import { clusterIdentity } from '../../src/cluster/identity.ts';
import type { Engine } from '../../src/fault/engine.ts';
import type { FaultInput } from '../../src/fault/fault-type.ts';
import type { LedgerHead } from '../../src/fault/ledger/entry.ts';
import { createLedger, type Ledger } from '../../src/fault/ledger/ledger.ts';
import type { Guard } from '../../src/fault/plan/guard-rails.ts';
import { makePlan, type Plan } from '../../src/fault/plan/plan.ts';
import { faultType } from '../../src/fault/types/registry.ts';
import type { EventBody } from '../../src/log/events.ts';

/** What a game may do that is not about its limits. */
export const guard: Guard = {
  namespaces: ['shop', 'batch'],
  limits: {
    ...{ minutes: 40, requestsPerSecond: 2000, workloads: { percent: 50 }, nodes: { count: 1 } },
    stress: { cpu: 1, memory: '512Mi' },
  },
  secondsToPlay: 600,
};

/** The part of a game that breaks and mends, without its phases. */
export interface TestGame {
  ledgerFile: string;
  ledger: Ledger;
  engine: Engine;
  events: EventBody[];
  end(): Promise<void>;
}

export async function startTestGame(cluster: Cluster, head: Partial<LedgerHead> = {}): Promise<TestGame> {
  const folder = mkdtempSync(join(tmpdir(), 'game-'));
  const ledgerFile = join(folder, 'ledger.jsonl');
  const identity = await clusterIdentity(cluster);
  const ledger = await createLedger(ledgerFile, {
    ...{ game: 'test', cluster: identity, at: 0 },
    ...head,
  });
  const events: EventBody[] = [];
  return {
    ledgerFile,
    ledger,
    events,
    engine: { cluster, ledger, clock: realClock, emit: (event) => events.push(event) },
    async end() {
      await ledger.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The plan of faults as a scenario writes them: `{ flood: { load: { … } } }`. */
export async function planFor(
  cluster: Cluster,
  faults: Record<string, Record<string, unknown>>,
  namespaces = ['shop', 'batch'],
  more: { sandbox?: boolean } = {},
): Promise<Plan> {
  const inputs = Object.entries(faults).map(([id, fault]): FaultInput => {
    const [type, spec] = Object.entries(fault)[0]!;
    return { id, type, spec: faultType(type).schema.parse(spec) };
  });
  return await makePlan(inputs, {
    ...more,
    cluster,
    namespaces,
    secondsToPlay: 600,
    random: seededRandom(1),
    image: 'node:20-slim',
    programText: (name) => `// ${name}\n`,
  });
}

export const flood = {
  load: {
    target: 'service/shop/checkout',
    path: '/quote',
    rate: 200,
    replicas: 2,
    disguise: { name: 'report-export', namespace: 'batch', mesh: 'hidden' },
  },
};

export const deadEntry = {
  upstream: { configMap: 'shop/edge-upstreams', key: 'upstreams.yaml', entry: 'till-4', becomes: 'dead' },
};
