import { seededRandom } from '../../../src/clock.ts';
import type { Cluster } from '../../../src/cluster/cluster.ts';
import { apply } from '../../../src/fault/apply.ts';
import type { Engine } from '../../../src/fault/engine.ts';
import type { FaultInput } from '../../../src/fault/fault-type.ts';
import type { Operation } from '../../../src/fault/operation.ts';
import { makePlan } from '../../../src/fault/plan.ts';
import { faultType, faultTypes } from '../../../src/fault/registry.ts';
import { endTurn, lookBeforeTurn, turnOf } from '../../../src/fault/turn.ts';
import type { Breakage } from './engine-process.ts';
import type { OutsideWorld } from './run-operation.ts';

/** Every type that is registered, by the example of its page; and faults that come and go. */
export const faultBreakages: { what: string; breakage: Breakage & { faults: FaultInput[] } }[] = [
  ...Object.values(faultTypes).map(({ type }) => ({
    what: nameOf(type),
    breakage: { faults: [exampleOf(type)] },
  })),
  {
    what: 'faults that come three times',
    breakage: { faults: ['service', 'apply', 'delete'].map(exampleOf), turns: 3 },
  },
];

/** And Jobs, which only some types run. */
export const breakages = (world: OutsideWorld): { what: string; breakage: Breakage }[] => [
  ...faultBreakages,
  { what: 'an operation that runs Jobs', breakage: { operations: [world.operation] } },
];

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
  const { schema, example } = faultType(type);
  return { id: type, type, spec: schema.parse(example) };
}

/** Makes it; what comes several times is undone in between, as a game does. */
export async function breakIt(
  { turns = 1 }: Breakage,
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
}

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
