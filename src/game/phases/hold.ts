import { readFileSync, rmSync } from 'node:fs';
import { fenced } from '../../cluster/access/fence.ts';
import {
  type GameLease,
  holderIsDead,
  leasePlace,
  newHolder,
  takeLease,
} from '../../cluster/access/lease.ts';
import type { Permission } from '../../cluster/cluster.ts';
import { clusterIdentity } from '../../cluster/identity.ts';
import { readScales } from '../../cluster/scales.ts';
import { exitCodes, MisfortuneError } from '../../errors.ts';
import { keepBaseline } from '../../fault/compare/cluster-baseline.ts';
import type { Baseline } from '../../fault/compare/compare.ts';
import type { Engine } from '../../fault/engine.ts';
import { bringGuardian, guardianRefs, waitAcknowledged } from '../../fault/guardian/bring.ts';
import { type GuardianSettings, isGuardian } from '../../fault/guardian/settings.ts';
import { createClusterLedger } from '../../fault/ledger/cluster-ledger.ts';
import { listClusterLedgers } from '../../fault/ledger/cluster-ledger-read.ts';
import type { LedgerHead } from '../../fault/ledger/entry.ts';
import { createLedger, type Ledger } from '../../fault/ledger/ledger.ts';
import { mailboxRemoval } from '../../fault/ledger/mailbox.ts';
import { type LedgerPair, ledgerPair } from '../../fault/ledger/pair.ts';
import { ledgerState } from '../../fault/ledger/state.ts';
import type { Plan } from '../../fault/plan/plan.ts';
import { readUnready } from '../../fault/revert/rollouts.ts';
import { program } from '../../paths.ts';
import type { Mailbox } from '../mailbox/serve.ts';
import type { Play } from '../play.ts';
import { recoverCommand } from '../start/recover-command.ts';

/**
 * A game's hold on the cluster, from the moment before its first change until all is restored: the Lease, and the ledger
 * of what is to be put back.
 */
export class Hold {
  #ledger: Ledger | undefined;
  #copy: LedgerPair | undefined;
  #lease: GameLease | undefined;
  #isLost = false;

  constructor(private readonly play: Play) {}

  /** There from the moment before the first change. */
  get ledger(): Ledger | undefined {
    return this.#ledger;
  }

  /** The same, if it is in the cluster as well. */
  get copy(): LedgerPair | undefined {
    return this.#copy;
  }

  get lease(): GameLease | undefined {
    return this.#lease;
  }

  /** The Lease is no longer ours: nothing may be written before it is taken again. */
  get isLost(): boolean {
    return this.#isLost;
  }

  /** Whether something was changed that has to be put back. */
  get hasChanges(): boolean {
    return this.#ledger !== undefined && ledgerState(this.#ledger.entries).changes.length > 0;
  }

  /**
   * Makes everything ready that puts the cluster back: the file before the Lease, so that a Lease which a crash leaves
   * behind is known to `recover`; then the copy in the cluster with the baseline; then the guardian, which has to
   * acknowledge it. Without the Lease nothing was changed, and nothing is kept.
   * @throws MisfortuneError `other-game`, `unrestored`, `no-guardian`
   */
  async take(plan: Plan, before: Baseline, mailbox: Mailbox | undefined): Promise<void> {
    const { setup, folder, clock, signal } = this.play;
    const { guardian, cluster } = setup;
    const needs = [
      ...plan.permissions,
      ...(setup.mailbox === undefined ? [] : mailboxRemoval(setup.mailbox)),
    ];
    const holder = newHolder();
    const file = await createLedger(folder.ledger, await headOf(this.play, plan, needs, holder));
    try {
      await this.takeLease({ signal, holder });
      if (guardian) await assertRestored(this.play, guardian);
      await mailbox?.takeOver(signal);
    } catch (error) {
      await this.#lease?.release().catch(() => undefined);
      this.#lease = undefined;
      await file.close();
      rmSync(folder.ledger, { force: true });
      throw error;
    }
    this.#ledger = file;
    if (!guardian) return;
    const { namespace, mode } = guardian;
    const copy = await createClusterLedger({ cluster, clock, namespace }, file.entries);
    this.#copy = ledgerPair(file, copy);
    this.#ledger = this.#copy;
    await keepBaseline(cluster, { namespace, id: copy.id }, before, signal);
    if (mode === 'off') return;
    const text = () => readFileSync(program('programs/guardian.cjs'), 'utf8');
    if (mode === 'game') await bringGuardian(guardian, needs, text(), { cluster, clock, signal });
    await waitAcknowledged(copy.sum, guardian, { cluster, clock, signal });
  }

  /**
   * Takes the cluster's Lease for this game, or takes it again after it was lost. `signal` ends the waiting only: the
   * Lease is released long after a game was aborted. @throws MisfortuneError `other-game`
   */
  async takeLease({ signal, holder }: { signal?: AbortSignal; holder?: string } = {}): Promise<void> {
    const { setup, clock, abort } = this.play;
    const waiting = new AbortController();
    const giveUp = () => waiting.abort(signal?.reason);
    if (signal?.aborted) giveUp();
    signal?.addEventListener('abort', giveUp, { once: true });
    try {
      this.#lease = await takeLease({
        cluster: setup.cluster,
        clock,
        signal: waiting.signal,
        isDead: holderIsDead,
        isWaitedFor: isGuardian,
        ...(setup.guardian && { seconds: setup.guardian.after }),
        ...(holder && { holder }),
        onLost: (reason) => {
          this.#isLost = true;
          abort(reason);
        },
      });
      this.#isLost = false;
    } finally {
      signal?.removeEventListener('abort', giveUp);
    }
  }

  /** With what changes are made and undone: each in the ledger first, and none without the Lease. */
  engine(signal: AbortSignal): Engine {
    const { setup, log, clock, ownWrites } = this.play;
    const ledger = this.#ledger;
    if (!ledger)
      throw new MisfortuneError('no-ledger', 'No fault was injected.', { exitCode: exitCodes.internal });
    const cluster = ownWrites.through(this.#lease ? fenced(setup.cluster, this.#lease) : setup.cluster);
    return { cluster, ledger, clock, signal, emit: (event) => log.append(event) };
  }
}

async function headOf(
  { setup, folder, clock, signal }: Play,
  plan: Plan,
  needs: Permission[],
  holder: string,
): Promise<LedgerHead> {
  const { guardian, cluster, mailbox, namespaces } = setup;
  const made = plan.operations.flatMap((operation) => ('object' in operation ? operation.object : []));
  return {
    game: folder.id,
    cluster: await clusterIdentity(cluster, signal),
    at: clock.now(),
    lease: { ...leasePlace, holder },
    undoResponder: setup.undoResponders,
    scales: await readScales(cluster, namespaces, made, signal),
    unready: await readUnready(cluster, namespaces, signal),
    ...(guardian && {
      namespace: guardian.namespace,
      needs,
      guardian: guardianRefs(guardian, needs),
    }),
    ...(mailbox !== undefined && { mailbox }),
  };
}

/** What an earlier game left, on whatever machine it was played, comes first. */
async function assertRestored({ setup, signal }: Play, { namespace }: GuardianSettings): Promise<void> {
  const { stateHome } = setup;
  for (const { entries, problem, id } of await listClusterLedgers(setup.cluster, namespace, signal)) {
    const { opened, changes, erased } = ledgerState(entries);
    if (!problem && (erased || changes.length === 0)) continue;
    throw new MisfortuneError(
      'unrestored',
      problem?.message ?? `Game ${opened?.game} left changes in this cluster.`,
      {
        todo: problem
          ? `If nothing is left of that game: kubectl -n ${namespace} delete secret -l app.kubernetes.io/instance=${id}`
          : `Restore it with \`${await recoverCommand(opened?.game, setup, { stateHome, namespace })}\`, then play.`,
        exitCode: exitCodes.leftover,
      },
    );
  }
}
