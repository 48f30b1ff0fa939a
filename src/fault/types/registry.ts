import type { z } from 'zod';
import type { Ref } from '../../cluster/cluster.ts';
import { formatRef, sameObject } from '../../cluster/ref.ts';
import { exitCodes, MisfortuneError } from '../../errors.ts';
import type { FaultType } from '../fault-type.ts';
import { apply } from './apply/apply.ts';
import { chaosMesh } from './chaos-mesh/chaos-mesh.ts';
import { config } from './config.ts';
import { deletion } from './delete/delete.ts';
import { dns } from './dns.ts';
import { kill } from './kill/kill.ts';
import { load } from './load/load.ts';
import { network } from './network/network.ts';
import { node } from './node.ts';
import { patch } from './patch.ts';
import { proxy } from './proxy/proxy.ts';
import { run } from './run.ts';
import { service } from './service.ts';
import { type Claim, clash, formatClaim } from './shared/claim.ts';
import { silence } from './silence/silence.ts';
import { sql } from './sql.ts';
import { stress } from './stress/stress.ts';
import { upstream } from './upstream/upstream.ts';
import { workload } from './workload/workload.ts';

/** Every fault type there is, by the key under which a scenario names it. */
export const faultTypes: Readonly<Record<string, FaultType>> = Object.fromEntries(
  [
    load,
    upstream,
    config,
    patch,
    workload,
    service,
    apply,
    deletion,
    kill,
    node,
    run,
    sql,
    silence,
    dns,
    proxy,
    stress,
    chaosMesh,
    network,
  ].map((type): [string, FaultType] => [type.type, type as FaultType]),
);

/** The schemas by type, as the schema of a scenario wants them. */
export const faultSchemas: Record<string, z.ZodType> = Object.fromEntries(
  Object.values(faultTypes).map((type) => [type.type, type.schema]),
);

/** What a diagnosis may name: the mechanism of every type. */
export const mechanisms: readonly string[] = Object.values(faultTypes).map((type) => type.mechanism);

/** What a mechanism is, in a few words. */
export function aboutMechanism(mechanism: string): string {
  return Object.values(faultTypes).find((type) => type.mechanism === mechanism)?.cause ?? '';
}

type Step = { type: string; spec: unknown };

/** What two faults both touch, as far as their specs say so themselves; undefined if nothing. */
export function clashOf(one: Step, other: Step): string | undefined {
  const found = clash(claimsOf(one), claimsOf(other));
  return found && formatClaim(found[1]);
}

/** References of what a fault touches, as far as its spec says so itself. */
export function claimedRefs(step: Step): string[] {
  return claimsOf(step).map(({ ref }) => formatRef(ref));
}

/** Whether a fault or decoy makes this object itself: nobody has it before the game. */
export function makes(step: Step, ref: Ref): boolean {
  return (
    step.type !== 'delete' &&
    claimsOf(step).some((claim) => claim.path === undefined && sameObject(claim.ref, ref))
  );
}

/** Why a fault of a type cannot come again and again, in words; undefined if it can. */
export function notRepeatable(type: string): string | undefined {
  const { reverts } = faultType(type);
  if (reverts === 'reverts') return undefined;
  return `what a ${type} does ${reverts === 'heals' ? 'comes back by itself' : 'cannot be undone'}, so that no turn of it has an end`;
}

function claimsOf({ type, spec }: Step): Claim[] {
  return faultType(type).claims(spec);
}

/** Throws MisfortuneError `unknown-fault-type`. */
export function faultType(type: string): FaultType {
  const found = faultTypes[type];
  if (found) return found;
  throw new MisfortuneError('unknown-fault-type', `There is no fault type "${type}".`, {
    todo: `There are ${Object.keys(faultTypes).join(', ')}.`,
    exitCode: exitCodes.usage,
  });
}
