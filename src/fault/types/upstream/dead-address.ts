import type { Random } from '../../../clock.ts';
import type { ClusterObject } from '../../../cluster/cluster.ts';
import { exitCodes, MisfortuneError } from '../../../errors.ts';

/**
 * An address on which nothing answers: of the range that the pods of a node are in, and none of theirs. It
 * looks like what a pod that is gone leaves behind in a list that nobody cleans.
 */
export function deadAddress(pods: readonly ClusterObject[], port: string, random: Random): string {
  const used = new Set(pods.flatMap((pod) => podIp(pod) ?? []));
  const prefixes = [...new Set([...used].map((ip) => ip.slice(0, ip.lastIndexOf('.'))))].sort();
  const prefix = prefixes[Math.floor(random() * prefixes.length)];
  if (prefix === undefined)
    throw new MisfortuneError('no-pods', 'There are no pods with an IPv4 address to tell the range from.', {
      todo: 'Start the stack, or name the address with `address`.',
      exitCode: exitCodes.refused,
    });
  const free = Array.from({ length: 200 }, (_, index) => `${prefix}.${index + 40}`).filter(
    (ip) => !used.has(ip),
  );
  return `${free[Math.floor(random() * free.length)]}:${port}`;
}

function podIp(pod: ClusterObject): string | undefined {
  const { podIP } = (pod.status ?? {}) as { podIP?: string };
  return podIP && /^\d+\.\d+\.\d+\.\d+$/.test(podIP) ? podIP : undefined;
}
