/**
 * dist/programs/guardian.cjs: runs in a pod of its own, in the cluster that is played on. Everything it needs to know is
 * in the cluster: the heartbeat, the ledgers, its rights.
 */
import { realClock } from '../../clock.ts';
import { newHolder } from '../../cluster/access/lease.ts';
import { connectInCluster } from '../../cluster/connection/in-cluster.ts';
import { watch } from './watch.ts';

const stop = new AbortController();
for (const name of ['SIGTERM', 'SIGINT'] as const) process.on(name, () => stop.abort(new Error(name)));

async function main(): Promise<void> {
  const { OWN_NAMESPACE: namespace, OWN_LEASE: name } = process.env;
  if (!namespace || !name) throw new Error('Expected OWN_NAMESPACE and OWN_LEASE in the environment.');
  const cluster = await connectInCluster();
  console.log('watching');
  await watch({
    cluster,
    clock: realClock,
    signal: stop.signal,
    namespace,
    name,
    holder: newHolder(),
    log: (line) => console.log(line),
  });
  cluster.close();
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
