import { atOnce } from '../../at-once.ts';
import { seededRandom } from '../../clock.ts';
import { resolvePermissions } from '../../cluster/access/permissions.ts';
import type { Cluster, Permission, PermissionNeed, Ref } from '../../cluster/cluster.ts';

import { exitCodes, MisfortuneError } from '../../errors.ts';
import { formatDuration } from '../../words/duration.ts';
import type { CompileContext, FaultInput } from '../fault-type.ts';
import { assertDeletable, type Operation, type OperationDraft } from '../operation.ts';
import { faultType, notRepeatable } from '../types/registry.ts';
import { assertNoClash } from '../types/shared/claim.ts';
import { type BlastRadius, blastRadius } from './blast-radius.ts';

/** What a scenario will do: all that a game master is shown before anything is touched. */
export interface Plan {
  /** In the order of their application. */
  operations: Operation[];
  /** All that applying and reverting ask of RBAC. */
  permissions: Permission[];
  blastRadius: BlastRadius;
  deadlines: Deadline[];
}

/** When an operation ends without anyone's help. */
export interface Deadline {
  operation: string;
  /** Seconds after it began; undefined: it stays until it is reverted. */
  seconds: number | undefined;
}

/** Compiles faults to operations. Reads the cluster; writes nothing. Throws MisfortuneError. */
export async function makePlan(
  faults: readonly FaultInput[],
  context: Omit<CompileContext, 'fault' | 'dryRunPatch'> & { cluster: Cluster },
): Promise<Plan> {
  const dryRunPatch: CompileContext['dryRunPatch'] = (ref, type, body) =>
    context.cluster.patch(ref, type, body, { dryRun: true });
  const operations: Operation[] = [];
  const needs: PermissionNeed[] = [];
  let requestsPerSecond = 0;
  const taken = { cores: 0, memoryBytes: 0 };
  const touched: Ref[] = [];
  // Each has chances of its own: what it draws does not depend on which one is answered first.
  const withChances = faults.map((input) => ({ input, random: seededRandom(context.random() * 2 ** 32) }));
  const compiled = await atOnce(withChances, async ({ input, random }) => {
    const { id, type, spec } = input;
    return {
      input,
      drafts: await faultType(type).compile(spec, { ...context, random, fault: id, dryRunPatch }),
    };
  });
  for (const { input, drafts } of compiled) {
    const { type, spec } = input;
    if (input.repeat) assertRepeatable(input);
    const fault = faultType(type);
    for (const draft of drafts) operations.push(numbered(draft, input, operations));
    needs.push(...fault.permissions(spec, drafts));
    requestsPerSecond += fault.requestsPerSecond?.(spec) ?? 0;
    const { cores = 0, memoryBytes = 0 } = fault.takes?.(spec) ?? {};
    taken.cores += cores;
    taken.memoryBytes += memoryBytes;
    touched.push(...((await fault.touches?.(spec, context)) ?? []));
  }
  for (const operation of operations) if (operation.verb === 'delete') assertDeletable(operation.ref);
  assertNoClash(operations);
  operations.sort((a, b) => a.afterMs - b.afterMs);
  return {
    operations,
    permissions: await resolvePermissions(needs, context.cluster),
    blastRadius: await blastRadius(operations, touched, { requestsPerSecond, ...taken }, context),
    deadlines: operations.map(({ id, endsAfterSeconds }) => ({ operation: id, seconds: endsAfterSeconds })),
  };
}

function numbered(
  draft: OperationDraft,
  { id, after = 0, waits, repeat, role }: FaultInput,
  before: Operation[],
): Operation {
  const number = before.filter((operation) => operation.fault === id).length + 1;
  const when = repeat ? `, ${turnsText(repeat)}` : waits ? ', once its condition holds' : '';
  const describe = draft.describe + when;
  return {
    ...{ ...draft, describe, id: `${id}-${number}`, fault: id, ...(role && { role }) },
    afterMs: after,
  } as Operation;
}

function turnsText({ every, for: lasts, times }: NonNullable<FaultInput['repeat']>): string {
  const often = times === undefined ? 'until the game is over' : `${times} times`;
  return `for ${formatDuration(lasts)} every ${formatDuration(every)}, ${often}`;
}

function assertRepeatable({ id, type }: FaultInput): void {
  const not = notRepeatable(type);
  if (not)
    throw new MisfortuneError('not-repeatable', `The fault ${id} cannot be repeated: ${not}.`, {
      todo: 'Leave repeat out, or choose another type.',
      exitCode: exitCodes.refused,
    });
}
