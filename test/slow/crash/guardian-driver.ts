import { type Clock, realClock } from '../../../src/clock.ts';
import { newHolder } from '../../../src/cluster/access/lease.ts';
import { connect } from '../../../src/cluster/connection/connect.ts';
import { watch } from '../../../src/fault/guardian/watch.ts';

/** So much faster than the clock on the wall: half a minute of silence would be waited for at each crash. */
const SPEED = 10;

const clock: Clock = {
  ...realClock,
  mono: () => realClock.mono() * SPEED,
  sleep: (ms, signal) => realClock.sleep(ms / SPEED, signal),
};

/** The guardian as a process that can be killed, without the pod around it. Arguments: kubeconfig, namespace, name. */
async function main(): Promise<void> {
  const [kubeconfig, namespace, name] = process.argv.slice(2) as [string, string, string];
  const cluster = await connect({ kubeconfig });
  const signal = new AbortController().signal;
  const log = (line: string) => void process.stderr.write(`${line}\n`);
  await watch({ cluster, clock, signal, namespace, name, holder: newHolder(), log });
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
  process.exit(1);
});
