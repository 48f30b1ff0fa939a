import { seededRandom } from '../../../src/clock.ts';
import type { Cluster, ClusterObject } from '../../../src/cluster/cluster.ts';
import { readScales, type Scale, targetOf } from '../../../src/cluster/scales.ts';
import { apply } from '../../../src/fault/apply/apply.ts';
import type { Engine } from '../../../src/fault/engine.ts';
import type { FaultInput } from '../../../src/fault/fault-type.ts';
import type { Operation } from '../../../src/fault/operation.ts';
import { makePlan } from '../../../src/fault/plan/plan.ts';
import { endTurn, lookBeforeTurn, turnOf } from '../../../src/fault/revert/turn.ts';
import { chaosMesh } from '../../../src/fault/types/chaos-mesh/chaos-mesh.ts';
import { network } from '../../../src/fault/types/network/network.ts';
import { faultType, faultTypes } from '../../../src/fault/types/registry.ts';
import { silence } from '../../../src/fault/types/silence/silence.ts';
import { sql } from '../../../src/fault/types/sql.ts';
import { respond } from '../../fault/responder.ts';
import { alertmanagerNeeded, chaosMeshNeeded, placeOfDatabase } from '../real-cluster/lacks.ts';
import type { Breakage } from './engine-process.ts';

const autoscaler: ClusterObject = {
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: { name: 'storefront', namespace: 'shop' },
  spec: {
    minReplicas: 3,
    maxReplicas: 3,
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'storefront' },
  },
};

/** What the example of a type needs of a cluster. */
const needs: Record<string, string> = {
  [sql.type]: placeOfDatabase,
  [chaosMesh.type]: chaosMeshNeeded,
  // Its example has a delay.
  [network.type]: chaosMeshNeeded,
  [silence.type]: alertmanagerNeeded,
};

/** Every type that is registered, by the example of its page; faults that come and go; what a controller does for one. */
export const faultBreakages: {
  what: string;
  breakage: Breakage & { faults: FaultInput[] };
  /** What a cluster may lack, as `lacksOf` writes it. */
  needs?: string;
}[] = [
  ...Object.values(faultTypes).map(({ type }) => ({
    what: nameOf(type),
    breakage: { faults: [exampleOf(type)] },
    ...(type in needs && { needs: needs[type] }),
  })),
  {
    what: 'faults that come three times',
    breakage: { faults: ['service', 'apply', 'delete', 'run'].map(exampleOf), turns: 3 },
  },
  {
    what: 'an autoscaler that has scaled',
    needs: 'autoscaling/v2 horizontalpodautoscalers',
    breakage: {
      faults: [faultOf('apply', { manifests: [autoscaler] })],
      aftermath: { scaled: { ref: targetOf(autoscaler)!, replicas: 3 } },
    },
  },
];

/** What the responder did is undone with it; a guardian leaves that to `recover`. */
export const remadeService: { what: string; breakage: Breakage } = {
  what: 'a Service that was made anew with another address',
  breakage: {
    faults: [faultOf('service', { service: 'service/shop/worker', becomes: 'deleted' })],
    aftermath: {
      remade: {
        ...{ apiVersion: 'v1', kind: 'Service', metadata: { name: 'worker', namespace: 'shop' } },
        spec: { selector: { 'app.kubernetes.io/name': 'worker' }, ports: [{ port: 8080 }] },
      },
    },
  },
};

function nameOf(type: string): string {
  return `a fault of the type ${type}`;
}

/** Those of which nothing is put back. */
export const heals: ReadonlySet<string> = new Set(
  Object.values(faultTypes)
    .filter(({ reverts }) => reverts === 'heals')
    .map(({ type }) => nameOf(type)),
);

function exampleOf(type: string): FaultInput {
  return faultOf(type, faultType(type).example);
}

function faultOf(type: string, spec: Record<string, unknown>): FaultInput {
  return { id: type, type, spec: faultType(type).schema.parse(spec) };
}

/** Makes it; what comes several times is undone in between, as a game does. */
export async function breakIt(
  { turns = 1, aftermath }: Breakage,
  operations: readonly Operation[],
  engine: Engine,
): Promise<void> {
  for (let turn = 1; turn < turns; turn += 1) {
    const own = turnOf(operations, turn);
    await apply(own, engine);
    const looks = [await endTurn(own, engine), await lookBeforeTurn(own, engine)];
    for (const { holds, seen } of looks) if (!holds) throw new Error(`turn ${turn}: ${seen}`);
  }
  await apply(turnOf(operations, turns), engine);
  const { cluster, ledger } = engine;
  if (aftermath?.remade)
    await (await respond({ other: async () => cluster }, ledger)).create(aftermath.remade);
  if (aftermath?.scaled)
    await cluster.patch(aftermath.scaled.ref, 'merge', { spec: { replicas: aftermath.scaled.replicas } });
}

/** How many pods each workload has, for the ledger's head. */
export const scalesOf = (cluster: Cluster): Promise<Scale[]> => readScales(cluster, ['shop', 'batch'], []);

export async function operationsOf(breakage: Breakage, cluster: Cluster): Promise<Operation[]> {
  if ('operations' in breakage) return breakage.operations;
  const plan = await makePlan(breakage.faults, {
    cluster,
    namespaces: ['shop', 'batch'],
    secondsToPlay: 600,
    random: seededRandom(1),
    image: 'node:20-slim',
    programText: (name) => `// ${name}\n`,
  });
  return plan.operations;
}
