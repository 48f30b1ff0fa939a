import { fenced } from '../../cluster/access/fence.ts';
import { type GameLease, takeLease } from '../../cluster/access/lease.ts';
import { describeError } from '../../errors.ts';
import { openClusterLedger } from '../ledger/cluster-ledger.ts';
import { type ClusterLedgerContents, listClusterLedgers } from '../ledger/cluster-ledger-read.ts';
import { removeMailbox } from '../ledger/mailbox.ts';
import { ledgerState } from '../ledger/state.ts';
import { revert } from '../revert/revert.ts';
import type { GuardianOptions, Silence } from './heartbeat.ts';

/**
 * Puts back what the ledgers say, after taking the Lease over: nobody else writes meanwhile, and it writes only while it
 * holds it. What it restored stays in the cluster as a ledger without pre-images, so that whoever has the other copy learns of it.
 * Throws MisfortuneError `other-game` when the heartbeat is back or somebody else was faster.
 */
export async function rescue(silence: Silence, options: GuardianOptions): Promise<void> {
  const { cluster, clock, signal, namespace, holder, log } = options;
  const lost = new AbortController();
  const until = AbortSignal.any([signal, lost.signal]);
  const lease = await takeLease({
    cluster,
    clock,
    signal,
    holder,
    ...(silence.version !== '' && { unchanged: silence }),
    onLost: (reason) => lost.abort(reason),
  });
  const place = { cluster, clock, namespace };
  const restored: ClusterLedgerContents[] = [];
  try {
    const ledgers = await listClusterLedgers(cluster, namespace, until);
    for (const contents of ledgers.filter(isOrphan)) {
      const isClean = isPutBack(contents) || (await putBack(contents, lease, until, options));
      log(isClean ? 'all put back' : 'not all could be put back');
      await takeMailAway(contents, lease, options);
      if (isClean) restored.push(contents);
    }
  } finally {
    await lease.release();
  }
  const now = await listClusterLedgers(cluster, namespace, signal);
  for (const { id } of restored) {
    const contents = now.find((ledger) => ledger.id === id);
    if (contents && !leftToRecover(contents)) await openClusterLedger(place, contents).erase(clock.now());
  }
}

async function putBack(
  contents: ClusterLedgerContents,
  lease: GameLease,
  signal: AbortSignal,
  { cluster, clock, namespace }: GuardianOptions,
): Promise<boolean> {
  const ledger = openClusterLedger({ cluster: fenced(cluster, lease), clock, namespace }, contents);
  const engine = { cluster: fenced(cluster, lease), ledger, clock, signal, emit: () => undefined };
  // Of the responders it knows only what they did, not whether they want it to stay: that is `recover`'s.
  const { differences, conflicts } = await revert(engine, { undoResponder: false, by: 'guardian' });
  return differences.length + conflicts.length === 0;
}

/** Letters hold what responders changed, and nobody answers them any more. */
async function takeMailAway(
  { entries }: ClusterLedgerContents,
  lease: GameLease,
  { cluster, signal, log }: GuardianOptions,
): Promise<void> {
  const namespace = ledgerState(entries).opened?.mailbox;
  if (namespace === undefined) return;
  try {
    await removeMailbox(fenced(cluster, lease), { namespace }, signal);
  } catch (error) {
    log(describeError(error));
  }
}

/** Whether something of it may be in the cluster that nobody has put back yet, or pre-images that nobody needs any more. */
export function isOrphan(contents: ClusterLedgerContents): boolean {
  const { entries, problem } = contents;
  if (problem) return false;
  const { changes, erased } = ledgerState(entries);
  if (erased || !changes.some(({ by }) => by === 'us')) return false;
  const last = entries.at(-1);
  if (last?.type !== 'restored') return true;
  // What is left after a restore is for a person to decide, unless something just would not go.
  return isPutBack(contents) ? !leftToRecover(contents) : last.differences.length > 0;
}

/** All of it is, and whoever did it died before the ledger was closed. */
function isPutBack({ entries }: ClusterLedgerContents): boolean {
  const last = entries.at(-1);
  return last?.type === 'restored' && last.differences.length + last.conflicts.length === 0;
}

/** The responders' own changes are undone by `recover`, where that was agreed. */
function leftToRecover({ entries }: ClusterLedgerContents): boolean {
  const { opened, changes } = ledgerState(entries);
  return opened?.undoResponder === true && changes.some(({ by }) => by === 'responder');
}
