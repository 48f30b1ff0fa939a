import { z } from 'zod';
import type { Cluster, ClusterObject } from '../../cluster/cluster.ts';
import { containerNames, mainContainers } from '../../cluster/containers.ts';
import { parseRef } from '../../cluster/ref.ts';
import { podsOf } from '../../cluster/wait/pods.ts';
import { duration, refText, regexText } from '../../document/fields.ts';
import { compileRegex } from '../../regex.ts';
import { type CheckContext, type CheckKind, type Finding, objectAtRef } from '../kind.ts';
import { logNeed, podNeeds } from '../needs.ts';

interface Spec {
  /** A workload or pod; all its pods' logs are read. */
  ref: string;
  /** Default: the pod's default container (its annotation), else its only one that is no side-car, else all of them. */
  container?: string;
  /** A regular expression, matched a line. */
  matches: string;
  /** Lines younger than this; milliseconds, default 60 s. */
  within: number;
  /** How many lines must match at least; default 1. */
  atLeast: number;
}

/** How much of a log is looked at, per container. */
const tailLines = 2000;

/**
 * Enough young lines of a workload's logs match. Pods that do not run (yet) have none. A log that cannot be read makes a
 * gap only while the others do not have enough lines.
 */
export const log: CheckKind<Spec> = {
  schema: z.strictObject({
    ref: refText,
    container: z.string().min(1).optional(),
    matches: regexText,
    within: duration.prefault('60s'),
    atLeast: z.int().min(1).default(1),
  }),
  evaluate,
  permissions: ({ ref }) => [...podNeeds(ref), logNeed(ref)],
  references: objectAtRef,
};

async function evaluate(check: Spec, { cluster, signal }: CheckContext): Promise<Finding> {
  const { running } = await podsOf(cluster, parseRef(check.ref), signal);
  const sinceSeconds = Math.max(1, Math.ceil(check.within / 1000));
  const pattern = compileRegex(check.matches);
  const pods = running.filter(
    ({ status }) => (status as { phase?: string } | undefined)?.phase === 'Running',
  );
  if (pods.length === 0) return { holds: false, gap: true, seen: `no pod of ${check.ref} runs` };
  const logs = await Promise.all(
    pods.flatMap((pod) => {
      const containers = check.container === undefined ? mainContainers(pod) : [check.container];
      return containers.map((container) => logOf(pod, container, { cluster, sinceSeconds, signal }));
    }),
  );
  signal?.throwIfAborted();
  const read = logs.flatMap((log) => ('text' in log ? [log.text] : []));
  const unread = logs.flatMap((log) => ('error' in log ? [log.error] : []));
  const count = read.flatMap((log) => log.split('\n')).filter((line) => pattern.test(line)).length;
  const seen = `${count} lines match /${check.matches}/ within ${sinceSeconds} s (expected at least ${check.atLeast})`;
  if (count >= check.atLeast || unread.length === 0)
    return { holds: count >= check.atLeast, value: count, seen };
  return { holds: false, gap: true, seen: `${seen}; not read: ${unread[0]}` };
}

async function logOf(
  { metadata, spec }: ClusterObject,
  container: string,
  { cluster, sinceSeconds, signal }: { cluster: Cluster; sinceSeconds: number; signal?: AbortSignal },
): Promise<{ text: string } | { error: string }> {
  const { name, namespace = 'default' } = metadata;
  const there = containerNames(spec);
  if (there.length > 0 && !there.includes(container))
    return { error: `pod ${name} has no container ${container}, only ${there.join(', ')}` };
  try {
    return {
      text: await cluster.logs({ namespace, name, container, tailLines, sinceSeconds }, signal),
    };
  } catch (error) {
    return { error: (error as Error).message };
  }
}
