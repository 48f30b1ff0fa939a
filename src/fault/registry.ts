import type { z } from 'zod';
import { MisfortuneError } from '../errors.ts';
import type { FaultType } from './fault-type.ts';
import { apply } from './types/apply.ts';
import { config } from './types/config.ts';
import { deletion } from './types/delete.ts';
import { kill } from './types/kill.ts';
import { load } from './types/load.ts';
import { node } from './types/node.ts';
import { patch } from './types/patch.ts';
import { service } from './types/service.ts';
import { upstream } from './types/upstream.ts';
import { workload } from './types/workload.ts';

/** Every fault type there is, by the key under which a scenario names it. */
export const faultTypes: Readonly<Record<string, FaultType>> = Object.fromEntries(
  [load, upstream, config, patch, workload, service, apply, deletion, kill, node].map(
    (type): [string, FaultType] => [type.type, type as FaultType],
  ),
);

/** The schemas by type, as the schema of a scenario wants them. */
export const faultSchemas: Record<string, z.ZodType> = Object.fromEntries(
  Object.values(faultTypes).map((type) => [type.type, type.schema]),
);

/** What a diagnosis may name: the mechanism of every type. */
export const mechanisms: readonly string[] = Object.values(faultTypes).map((type) => type.mechanism);

/** Throws MisfortuneError `unknown-fault-type`. */
export function faultType(type: string): FaultType {
  const found = faultTypes[type];
  if (found) return found;
  throw new MisfortuneError('unknown-fault-type', `There is no fault type "${type}".`, {
    todo: `There are ${Object.keys(faultTypes).join(', ')}.`,
  });
}
