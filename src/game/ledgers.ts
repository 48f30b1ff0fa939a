import { readFileSync, rmSync } from 'node:fs';
import { exitCodes, MisfortuneError } from '../errors.ts';
import { keepBaseline } from '../fault/cluster-baseline.ts';
import { createClusterLedger } from '../fault/cluster-ledger.ts';
import { listClusterLedgers } from '../fault/cluster-ledger-read.ts';
import type { Baseline } from '../fault/compare.ts';
import { bringGuardian, guardianRefs, waitAcknowledged } from '../fault/guardian/bring.ts';
import type { GuardianSettings } from '../fault/guardian/settings.ts';
import { clusterIdentity } from '../fault/identity.ts';
import { leasePlace, newHolder } from '../fault/lease.ts';
import { createLedger } from '../fault/ledger.ts';
import type { LedgerHead } from '../fault/ledger-entry.ts';
import { ledgerPair } from '../fault/ledger-pair.ts';
import { ledgerState } from '../fault/ledger-state.ts';
import { mailboxRemoval } from '../fault/mailbox.ts';
import type { Plan } from '../fault/plan.ts';
import { readUnready } from '../fault/revert/unready.ts';
import { readScales } from '../fault/scales.ts';
import { program } from '../paths.ts';
import { holdLease } from './lease.ts';
import type { Play } from './play.ts';
import { recoverCommand } from './recover-command.ts';

/**
 * Makes everything ready that puts the cluster back: the file before the Lease, so that a Lease which a crash leaves
 * behind is known to `recover`; then the copy in the cluster with the baseline; then the guardian, which has to
 * acknowledge it. Without the Lease nothing was changed, and nothing is kept.
 * @throws MisfortuneError `other-game`, `unrestored`, `no-guardian`
 */
export async function openLedgers(play: Play, plan: Plan, before: Baseline): Promise<void> {
  const { setup, folder, clock, signal } = play;
  const { guardian, cluster, mailbox } = setup;
  const needs = [...plan.permissions, ...(mailbox === undefined ? [] : mailboxRemoval(mailbox))];
  const holder = newHolder();
  const made = plan.operations.flatMap((operation) => ('object' in operation ? operation.object : []));
  const head: LedgerHead = {
    game: folder.id,
    cluster: await clusterIdentity(cluster, signal),
    at: clock.now(),
    lease: { ...leasePlace, holder },
    undoResponder: setup.undoResponders,
    scales: await readScales(cluster, setup.namespaces, made, signal),
    unready: await readUnready(cluster, setup.namespaces, signal),
    ...(guardian && {
      namespace: guardian.namespace,
      needs,
      guardian: guardianRefs(guardian, needs),
    }),
    ...(mailbox !== undefined && { mailbox }),
  };
  const file = await createLedger(folder.ledger, head);
  try {
    await holdLease(play, { signal, holder });
    if (guardian) await assertRestored(play, guardian);
    await play.mailbox?.takeOver(signal);
  } catch (error) {
    await play.lease?.release().catch(() => undefined);
    play.lease = undefined;
    await file.close();
    rmSync(folder.ledger, { force: true });
    throw error;
  }
  play.ledger = file;
  if (!guardian) return;
  const { namespace, mode } = guardian;
  const copy = await createClusterLedger({ cluster, clock, namespace }, file.entries);
  const pair = ledgerPair(file, copy);
  play.ledger = pair;
  play.copy = pair;
  await keepBaseline(cluster, { namespace, id: copy.id }, before, signal);
  if (mode === 'off') return;
  const text = () => readFileSync(program('programs/guardian.cjs'), 'utf8');
  if (mode === 'game') await bringGuardian(guardian, needs, text(), { cluster, clock, signal });
  await waitAcknowledged(copy.sum, guardian, { cluster, clock, signal });
}

/** What an earlier game left, on whatever machine it was played, comes first. */
async function assertRestored({ setup, signal }: Play, { namespace }: GuardianSettings): Promise<void> {
  const { stateHome } = setup;
  for (const { entries, problem, id } of await listClusterLedgers(setup.cluster, namespace, signal)) {
    const { opened, changes, erased } = ledgerState(entries);
    if (!problem && (erased || changes.length === 0)) continue;
    throw new MisfortuneError(
      'unrestored',
      problem?.message ?? `Game ${opened?.game} has left something in this cluster.`,
      {
        todo: problem
          ? `If nothing is left of that game: kubectl -n ${namespace} delete secret -l app.kubernetes.io/instance=${id}`
          : `Put it back with \`${await recoverCommand(opened?.game, setup, { stateHome, namespace })}\`, then play.`,
        exitCode: exitCodes.leftover,
      },
    );
  }
}
