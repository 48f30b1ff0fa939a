import type { z } from 'zod';
import type { Clock } from '../clock.ts';
import type { Cluster, PermissionNeed, Ref } from '../cluster/cluster.ts';
import type { OurPodSettings } from '../cluster/our-pod.ts';
import type { Path } from '../document/document.ts';
import type { CheckResult } from '../log/events.ts';
import type { Alertmanager, Prometheus } from '../signal/series.ts';

/** What was there before the injection. Plain data: it goes into the game folder. */
export interface Baseline {
  /** Available pods by reference. */
  available: Record<string, number>;
}

/** What checks are evaluated against. */
export interface CheckContext {
  cluster: Cluster;
  prometheus: Prometheus;
  /** Without it checks of routes are a gap. */
  alertmanager?: Alertmanager;
  /** For `available: baseline`; `captureBaseline` takes it before the injection. */
  baseline: Baseline;
  /** For checks that do more than read; without it they are a gap. */
  acting?: Acting;
  signal?: AbortSignal;
}

/** What a check needs that makes a pod of ours, deletes pods or sends requests. */
export interface Acting {
  /** Where it may: those in which something may be broken. */
  namespaces: readonly string[];
  pods: OurPodSettings;
  clock: Clock;
  /** What checks remember from one look to the next; one map a game. */
  memory: Map<string, unknown>;
  /** What checks have made in this game and not taken away yet, by its text. */
  made: Map<string, Ref>;
}

/** Takes one of them away; not called off with the game. */
export async function removeMade(
  { made }: Pick<Acting, 'made'>,
  text: string,
  cluster: Cluster,
): Promise<void> {
  const ref = made.get(text);
  if (!ref) return;
  await cluster.delete(ref, { propagation: 'Background' }, AbortSignal.timeout(10_000));
  made.delete(text);
}

function actingOf({ acting }: CheckContext): Acting {
  if (acting) return acting;
  throw new Error('only a game makes pods, deletes them or sends requests');
}

/** What `acting` is for in a namespace. Throws, which is a gap, where nothing may be done there. */
export function actIn(namespace: string | undefined, context: CheckContext): Acting {
  const acting = actingOf(context);
  if (namespace !== undefined && acting.namespaces.includes(namespace)) return acting;
  throw new Error(`the game may do nothing in the namespace ${namespace}`);
}

/**
 * A look that continues where the last one of the same check in this game stood: `look` gets what was kept then, and gives what
 * to keep; nothing: forget it. Two at the same time are one.
 */
export async function remembered<Kept>(
  key: string,
  context: CheckContext,
  look: (last: Kept | undefined) => Promise<[Finding, Kept?]>,
): Promise<Finding> {
  const { memory } = actingOf(context);
  const entry = (memory.get(key) ?? {}) as { kept?: Kept; running?: Promise<Finding> };
  memory.set(key, entry);
  entry.running ??= look(entry.kept)
    .then(([finding, kept]) => {
      entry.kept = kept;
      return finding;
    })
    .finally(() => {
      entry.running = undefined;
    });
  return await entry.running;
}

/** What a check of one kind sees; `evaluate` adds the id. */
export type Finding = Omit<CheckResult, 'id'>;

/** Something that a check names and that has to be there, at its path in the check's own mapping. */
export type Reference = { path: Path } & ({ object: string } | { query: string } | { receiver: string });

/** One kind of check: all that the program knows of it. A kind is a file in kinds/ and a line in kinds/kinds.ts. */
export interface CheckKind<Spec> {
  /** Of the mapping below its key. */
  schema: z.ZodType<Spec>;
  /** Looks once. What it throws, no answer and no data, is a gap: not known, and no failure of the stack. */
  evaluate(spec: Spec, context: CheckContext): Promise<Finding>;
  /** It changes the cluster: it is evaluated only while the checks beside it hold. */
  acts?: true;
  /** What evaluating asks of RBAC; PromQL asks the monitoring, not the cluster. */
  permissions(spec: Spec): PermissionNeed[];
  /** The objects, queries and receivers that lint looks up. What is to be absent is none. */
  references(spec: Spec): Reference[];
  /** The workloads whose available pods it compares with those before the injection. */
  baseline?(spec: Spec): string[];
}

/** The object that most kinds are about: `ref` of their mapping. */
export function objectAtRef({ ref }: { ref: string }): Reference[] {
  return [{ object: ref, path: ['ref'] }];
}
