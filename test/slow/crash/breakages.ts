import { seededRandom } from '../../../src/clock.ts';
import type { Cluster } from '../../../src/cluster/cluster.ts';
import type { Operation } from '../../../src/fault/operation.ts';
import { makePlan } from '../../../src/fault/plan.ts';
import { faultTypes } from '../../../src/fault/registry.ts';
import type { Breakage } from './engine-process.ts';
import type { OutsideWorld } from './run-operation.ts';

/** Every type that is registered, by the example of its page; and Jobs, which only some types run. */
export function breakages(world: OutsideWorld): { what: string; breakage: Breakage }[] {
  return [
    ...Object.values(faultTypes).map(({ type, schema, example }) => ({
      what: `a fault of the type ${type}`,
      breakage: { faults: [{ id: type, type, spec: schema.parse(example) }] },
    })),
    { what: 'an operation that runs Jobs', breakage: { operations: [world.operation] } },
  ];
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
