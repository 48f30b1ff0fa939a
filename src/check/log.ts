import { podsOf } from '../cluster/pods.ts';
import { parseRef } from '../cluster/ref.ts';
import { compileRegex } from '../regex.ts';
import type { CheckContext, Finding } from './evaluate.ts';
import type { LogCheck } from './grammar.ts';

/** How much of a log is looked at, per pod. */
const tailLines = 2000;

/** Enough young lines of a workload's logs match. Pods that do not run (yet) have none. */
export async function checkLog(check: LogCheck, { cluster, signal }: CheckContext): Promise<Finding> {
  const ref = parseRef(check.ref);
  const { running } = await podsOf(cluster, ref, signal);
  const sinceSeconds = Math.max(1, Math.ceil(check.within / 1000));
  const pattern = compileRegex(check.matches);
  const pods = running.filter(
    ({ status }) => (status as { phase?: string } | undefined)?.phase === 'Running',
  );
  if (pods.length === 0) return { holds: false, gap: true, seen: `no pod of ${check.ref} runs` };
  const logs = await Promise.all(
    pods.map(({ metadata }) => {
      const { name, namespace = 'default' } = metadata;
      return cluster.logs({ namespace, name, tailLines, sinceSeconds }, signal);
    }),
  );
  const count = logs.flatMap((log) => log.split('\n')).filter((line) => pattern.test(line)).length;
  const seen = `${count} lines match /${check.matches}/ within ${sinceSeconds} s (${check.atLeast} wanted)`;
  return { holds: count >= check.atLeast, value: count, seen };
}
