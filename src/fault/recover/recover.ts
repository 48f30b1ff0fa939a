import { rm } from 'node:fs/promises';
import type { Clock } from '../../clock.ts';
import { fenced } from '../../cluster/access/fence.ts';
import { type GameLease, holderIsDead, leaseSeconds, takeLease } from '../../cluster/access/lease.ts';
import { assertSameCluster, clusterIdentity } from '../../cluster/identity.ts';
import { exitCodes, MisfortuneError } from '../../errors.ts';
import type { EventBody } from '../../log/events.ts';
import { readClusterBaseline } from '../compare/cluster-baseline.ts';
import { type Baseline, compare, compareObject, takeBaseline } from '../compare/compare.ts';
import { responderChanges, type Untouched } from '../compare/responder-changes.ts';
import { removeGuardian } from '../guardian/bring.ts';
import { isGuardian } from '../guardian/settings.ts';
import { openClusterLedger, removeClusterLedger } from '../ledger/cluster-ledger.ts';
import { type ClusterLedgerContents, readClusterLedger } from '../ledger/cluster-ledger-read.ts';
import { removeMailbox } from '../ledger/mailbox.ts';
import { ledgerState } from '../ledger/state.ts';
import { finish } from '../revert/finish.ts';
import { type Restored, type RevertOptions, revert } from '../revert/revert.ts';
import { type ClusterCopy, type LedgerSource, lostEnd, openSource, type SourceOptions } from './source.ts';

export interface Recovered extends Restored {
  /** Nothing was left to do: it had been restored before. */
  already: boolean;
  /** Who had restored it, if it was not the game or a `recover` with the same file. */
  by?: 'guardian' | 'elsewhere';
  /** The copy in the cluster was gone by, and why the file was not. */
  byCopy?: string;
  /** What differs from the baseline, if there is one; somebody else's changes since then are among it. */
  fromBaseline?: string[];
}

export interface RecoverOptions extends SourceOptions, Omit<RevertOptions, 'by' | 'undoResponder'> {
  clock: Clock;
  emit(event: EventBody): void;
  /** As the game meant it, if left out. */
  undoResponder?: boolean;
  /** Compare with how it was before the game, too: with this, or with what the game left in the cluster. */
  baseline?: Baseline | 'of the cluster';
  /** Seconds of the Lease; for tests. */
  leaseSeconds?: number;
}

/**
 * Restores the cluster from a ledger, after a crash or in doubt; may be repeated. It takes the Lease first, so
 * it never writes beside a game that runs; a guardian at work is waited for. A file that is damaged, or has lost its end, is
 * replaced by its copy in the cluster. Throws `ledger-missing`, `ledger-damaged`, `ledger-newer`, `other-cluster`,
 * `other-game`, or when the cluster cannot be reached.
 */
export async function recover(options: RecoverOptions): Promise<Recovered> {
  try {
    return await recoverOnce(options);
  } catch (error) {
    if (!(error instanceof MisfortuneError) || error.code !== 'ledger-taken') throw error;
  }
  // Somebody else let go of the Lease and was closing the ledger just then: now it says what they did.
  await options.clock.sleep(1_000, options.signal);
  try {
    return await recoverOnce(options);
  } catch (error) {
    if (!(error instanceof MisfortuneError) || error.code !== 'ledger-missing') throw error;
    return { ...nothingLeft, by: 'elsewhere' };
  }
}

async function recoverOnce(options: RecoverOptions): Promise<Recovered> {
  const source = await openSource(options);
  const { file, at } = source;
  try {
    const entries = at && !file ? (await readCopy(at, options)).entries : (file?.entries ?? []);
    const { opened, erased } = ledgerState(entries);
    // Torn before its first line was whole: nothing was changed yet.
    if (!opened) return { differences: [], conflicts: [], already: true };
    const baseline = await baselineOf(options, at);
    const outside = baseline ? responderChanges(entries, baseline) : [];
    // The file is erased last: the copy has gone before.
    if (erased && file) return { ...nothingLeft, ...(await against(baseline, options)) };
    assertSameCluster(opened.cluster, await clusterIdentity(options.cluster, options.signal));
    const recovered = await underLease(options, opened.lease, (lease, signal) =>
      restoreFrom(source, lease, { ...options, signal }),
    );
    return { ...recovered, ...(await against(baseline, options, outside)) };
  } finally {
    await file?.close();
  }
}

const nothingLeft = { differences: [], conflicts: [], already: true };

async function readCopy(
  { namespace, id }: ClusterCopy,
  { cluster, signal }: RecoverOptions,
): Promise<ClusterLedgerContents> {
  const contents = await readClusterLedger(cluster, namespace, id, signal);
  if (contents?.problem) throw contents.problem;
  if (contents) return contents;
  throw new MisfortuneError('ledger-missing', `There is no ledger ${id} in the namespace ${namespace}.`, {
    exitCode: exitCodes.usage,
  });
}

/** Nothing is written after the Lease is lost. */
async function underLease<T>(
  { cluster, clock, signal, leaseSeconds: seconds = leaseSeconds }: RecoverOptions,
  place: { namespace: string; name: string } | undefined,
  task: (lease: GameLease, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const lost = new AbortController();
  const lease = await takeLease({
    cluster,
    clock,
    signal,
    seconds,
    isDead: holderIsDead,
    isWaitedFor: isGuardian,
    onLost: (reason) => lost.abort(reason),
    ...(place && { place: { namespace: place.namespace, name: place.name } }),
  });
  try {
    return await task(lease, signal ? AbortSignal.any([signal, lost.signal]) : lost.signal);
  } finally {
    await lease.release();
  }
}

/** With the Lease in hand nobody writes into the ledger any more: only now it is known what it says. */
async function restoreFrom(
  { file, at, damage }: LedgerSource,
  lease: GameLease,
  options: RecoverOptions & { signal: AbortSignal },
): Promise<Recovered> {
  const { clock, signal, emit } = options;
  const cluster = fenced(options.cluster, lease);
  const copy = at && (await readClusterLedger(cluster, at.namespace, at.id, signal));
  const done = copy && ledgerState(copy.entries);
  const place = { cluster: options.cluster, clock, namespace: at?.namespace ?? '' };
  const behind = file && copy && lostEnd(file, copy);
  const ledger = file && !behind ? file : openClusterLedger(place, copy ?? (await readCopy(at!, options)));
  const state = ledgerState(ledger.entries);
  const isDone = done?.erased === true;
  const undoResponder = options.undoResponder ?? state.opened?.undoResponder ?? false;
  const engine = { cluster, ledger, clock, signal, emit };
  const restored = isDone ? nothingLeft : await revert(engine, { ...options, undoResponder });
  const isClean = restored.differences.length + restored.conflicts.length === 0;
  if (isClean) await removeGuardian(state.opened?.guardian ?? [], cluster, signal);
  const mailbox = state.opened?.mailbox;
  if (mailbox !== undefined) await removeMailbox(cluster, { namespace: mailbox }, signal);
  // As in a game: the copy goes first, and the file, by which all is found again, last.
  const erase = async (when: number) => {
    if ((file || damage) && at) await removeClusterLedger(options.cluster, at);
    if (damage) await rm(damage.path, { force: true });
    else await (file ?? ledger).erase(when);
  };
  await finish({ ledger: { erase }, lease, clock }, restored);
  const byCopy = damage?.why ?? behind;
  return {
    ...(isDone
      ? { ...nothingLeft, by: done.restored?.by ?? ('elsewhere' as const) }
      : { ...restored, already: false }),
    ...(byCopy !== undefined && { byCopy }),
  };
}

async function baselineOf(
  { baseline, cluster, signal }: RecoverOptions,
  at: ClusterCopy | undefined,
): Promise<Baseline | undefined> {
  if (baseline !== 'of the cluster') return baseline;
  return at && (await readClusterBaseline(cluster, at, signal));
}

async function against(
  baseline: Baseline | undefined,
  { cluster, clock, signal }: RecoverOptions,
  outside: readonly Untouched[] = [],
): Promise<{ fromBaseline?: string[] }> {
  if (!baseline) return {};
  const now = await takeBaseline(cluster, baseline.namespaces, { clock, signal, also: baseline.also });
  const lines = compare(baseline, now);
  for (const { ref, before } of outside) lines.push(...compareObject(before, await cluster.get(ref, signal)));
  return { fromBaseline: [...new Set(lines)] };
}
