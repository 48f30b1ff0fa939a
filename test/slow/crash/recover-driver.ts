import { realClock } from '../../../src/clock.ts';
import { connect } from '../../../src/cluster/connection/connect.ts';
import { recover } from '../../../src/fault/recover/recover.ts';

/** `recover` as a process that can be killed. Arguments: kubeconfig, the ledger's file. */
async function main(): Promise<void> {
  const [kubeconfig, ledger] = process.argv.slice(2) as [string, string];
  const cluster = await connect({ kubeconfig });
  await recover({ ledger, cluster, clock: realClock, emit: () => undefined, undoResponder: true });
  process.exit(0);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
  process.exit(1);
});
