import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { realClock, seededRandom } from '../../../src/clock.ts';
import { connect } from '../../../src/cluster/connect.ts';
import { apply } from '../../../src/fault/apply.ts';
import type { Engine } from '../../../src/fault/engine.ts';
import { clusterIdentity } from '../../../src/fault/identity.ts';
import { holderIsDead, leasePlace, newHolder, takeLease } from '../../../src/fault/lease.ts';
import { createLedger } from '../../../src/fault/ledger.ts';
import type { LedgerEntry } from '../../../src/fault/ledger-entry.ts';
import { makePlan } from '../../../src/fault/plan.ts';
import { assertPassed, preflight } from '../../../src/fault/preflight.ts';
import { faultType } from '../../../src/fault/registry.ts';
import { revert } from '../../../src/fault/revert.ts';

/**
 * The part of a game that writes to the cluster, as a process that can be killed: Lease, plan, preflight,
 * apply; then it prints "injected", keeps the ledger entries that come in on stdin (each is answered by "kept"),
 * and reverts at "restore". Arguments: kubeconfig, folder, faults as JSON.
 */
async function main(): Promise<void> {
  const [kubeconfig, folder, faultsText] = process.argv.slice(2) as [string, string, string];
  const cluster = await connect({ kubeconfig });
  const namespaces = ['shop', 'batch'];
  const secondsToPlay = 600;
  const faults = (JSON.parse(faultsText) as { id: string; type: string; spec: unknown }[]).map((fault) => {
    return { ...fault, spec: faultType(fault.type).schema.parse(fault.spec) };
  });
  const plan = await makePlan(faults, {
    cluster,
    namespaces,
    secondsToPlay,
    random: seededRandom(1),
    image: 'node:20-slim',
    programText: (name) => `// ${name}\n`,
  });
  const limits = { minutes: 40, requestsPerSecond: 2000, workloads: { percent: 100 }, nodes: { count: 1 } };
  assertPassed(await preflight(plan, { namespaces, contextAllowed: true, limits, secondsToPlay }, cluster));
  // The ledger comes first: a Lease that is left by a crash is then known to recover.
  const holder = newHolder();
  const identity = await clusterIdentity(cluster);
  const opened = { game: 'crash', cluster: identity, at: Date.now(), lease: { ...leasePlace, holder } };
  const ledger = await createLedger(join(folder, 'ledger.jsonl'), opened);
  const lease = await takeLease({ cluster, clock: realClock, holder, isDead: holderIsDead });
  const engine: Engine = { cluster, ledger, clock: realClock, emit: () => undefined };
  await apply(plan.operations, engine);
  process.stdout.write('injected\n');
  for await (const line of createInterface({ input: process.stdin })) {
    if (line === 'restore') break;
    await ledger.append(JSON.parse(line) as LedgerEntry);
    process.stdout.write('kept\n');
  }
  await revert(engine, { undoResponder: true });
  await lease.release();
  process.exit(0);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
  process.exit(1);
});
