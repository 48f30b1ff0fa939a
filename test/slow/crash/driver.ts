import { join } from 'node:path';
import { realClock } from '../../../src/clock.ts';
import { holderIsDead, leasePlace, newHolder, takeLease } from '../../../src/cluster/access/lease.ts';
import { connect } from '../../../src/cluster/connection/connect.ts';
import { clusterIdentity } from '../../../src/cluster/identity.ts';
import type { Engine } from '../../../src/fault/engine.ts';
import { createLedger } from '../../../src/fault/ledger/ledger.ts';
import { finish } from '../../../src/fault/revert/finish.ts';
import { revert } from '../../../src/fault/revert/revert.ts';
import { breakIt, operationsOf, scalesOf } from './breakages.ts';
import type { Breakage } from './engine-process.ts';

/**
 * The engine of a game as a process that can be killed: Lease, apply, revert, and the end of both. Arguments:
 * kubeconfig, folder, Breakage as JSON.
 */
async function main(): Promise<void> {
  const [kubeconfig, folder, breakage] = process.argv.slice(2) as [string, string, string];
  const cluster = await connect({ kubeconfig });
  const broken = JSON.parse(breakage) as Breakage;
  const operations = await operationsOf(broken, cluster);
  // The ledger comes first: a Lease that is left by a crash is then known to recover.
  const holder = newHolder();
  const identity = await clusterIdentity(cluster);
  const scales = await scalesOf(cluster);
  const opened = {
    game: 'crash',
    cluster: identity,
    at: Date.now(),
    lease: { ...leasePlace, holder },
    scales,
  };
  const ledger = await createLedger(join(folder, 'ledger.jsonl'), opened);
  const lease = await takeLease({ cluster, clock: realClock, holder, isDead: holderIsDead });
  const engine: Engine = { cluster, ledger, clock: realClock, emit: () => undefined };
  await breakIt(broken, operations, engine);
  const restored = await revert(engine, { undoResponder: true });
  await finish({ ledger, lease, clock: realClock }, restored);
  process.exit(0);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
  process.exit(1);
});
