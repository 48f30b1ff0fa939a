import { existsSync, rmSync } from 'node:fs';
import { realClock } from '../clock.ts';
import { leaseHolder } from '../cluster/access/lease.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { ClusterError } from '../cluster/cluster-error.ts';
import { connect } from '../cluster/connection/connect.ts';
import { chooseCluster } from '../config/choose.ts';
import { loadConfig } from '../config/load.ts';
import { describeError, exitCodes, MisfortuneError } from '../errors.ts';
import type { Baseline } from '../fault/compare/compare.ts';
import { listClusterLedgers } from '../fault/ledger/cluster-ledger-read.ts';
import type { ConflictSide } from '../fault/ledger/entry.ts';
import { removeMailbox } from '../fault/ledger/mailbox.ts';
import { ledgerState } from '../fault/ledger/state.ts';
import { recover as recoverLedger } from '../fault/recover/recover.ts';
import type { Restored } from '../fault/revert/revert.ts';
import { findGameFolder, type GameFolder, readJson } from '../log/folder.ts';
import { type GameLog, openLog, readLog } from '../log/log.ts';
import { type GameState, reduceAll } from '../log/state.ts';
import { stateHome } from '../paths.ts';
import { announceRecovery } from './announce/announce.ts';
import type { Channel } from './announce/webhook.ts';
import { conductorAddress } from './api/current.ts';
import type { PlaceOptions } from './start/place.ts';
import { findRunning } from './start/running.ts';
import { findSandbox } from './start/sandbox-link.ts';
import { findUnrestored } from './start/unrestored.ts';

export interface RecoverOptions extends PlaceOptions {
  ours?: boolean;
  theirs?: boolean;
  verify?: boolean;
  /** Of a kubeconfig: restore from the copies in that cluster alone. */
  context?: string;
  kubeconfig?: string;
  namespace?: string;
}

export interface RecoverResult {
  game: string;
  differences: string[];
  conflicts: string[];
  /** What differs and is left to somebody else, who looks after it now. */
  left?: string[];
  /** With --verify: what differs from the baseline taken before the game, whoever changed it. */
  fromBaseline?: string[];
  /** Nothing was left to do. */
  already: boolean;
  /** Who had restored it. */
  by?: 'guardian' | 'elsewhere';
  /** The copy in the cluster was gone by, and why the file was not. */
  byCopy?: string;
  /** It was played in a sandbox that has ended since. */
  sandboxGone?: boolean;
  /** Why the channel could not be told that it is over. */
  untold?: string;
}

/** The named game, or all that are known on this machine to have left something. @throws as `recoverGame` */
export async function recoverFolders(
  name: string | undefined,
  options: RecoverOptions,
  signal: AbortSignal,
): Promise<RecoverResult[]> {
  const home = stateHome();
  const [running] = name === undefined ? findRunning(home) : [];
  if (running) throw stillRuns(running.what);
  const folders = name === undefined ? await findUnrestored(home) : [findGameFolder(home, name)];
  const results: RecoverResult[] = [];
  for (const folder of folders) results.push(await recoverGame(folder, options, signal));
  return results;
}

/** From any machine: all that is needed is in the cluster. @throws as `recoverGame`, and ClusterError */
export async function recoverCluster(
  name: string | undefined,
  options: RecoverOptions,
  signal: AbortSignal,
): Promise<RecoverResult[]> {
  const { kubeconfig, context, namespace = 'maintenance' } = options;
  const cluster = await connect({ kubeconfig, context, signal });
  try {
    const ledgers = await listClusterLedgers(cluster, namespace, signal);
    const results: RecoverResult[] = [];
    for (const { id, entries, problem } of ledgers) {
      if (problem) throw problem;
      const game = ledgerState(entries).opened?.game ?? id;
      if (name !== undefined && name !== game) continue;
      const recovered = await recoverLedger({
        ledger: { namespace, id },
        cluster,
        clock: realClock,
        signal,
        emit: () => undefined,
        ...(options.verify && { baseline: 'of the cluster' as const }),
        ...decided(options),
      });
      results.push({ game, ...recovered });
    }
    await removeLostMail(cluster, namespace, signal);
    return results;
  } finally {
    cluster.close();
  }
}

/** Of a game that died before it had changed anything, or after it had put everything back. */
async function removeLostMail(cluster: Cluster, namespace: string, signal: AbortSignal): Promise<void> {
  try {
    if ((await leaseHolder(cluster, signal)) === undefined)
      await removeMailbox(cluster, { namespace }, signal);
  } catch (error) {
    // Who may not do this has never opened one.
    if (!(error instanceof ClusterError && error.code === 'forbidden')) throw error;
  }
}

/** What --ours and --theirs decide. */
function decided({ ours, theirs }: RecoverOptions): { decide?: () => Promise<ConflictSide> } {
  const side = ours ? 'ours' : theirs ? 'theirs' : undefined;
  return side ? { decide: async () => side } : {};
}

/** Restores one game. @throws MisfortuneError `game-running`, `unknown-cluster`, or as the ledger and the cluster say */
export async function recoverGame(
  folder: GameFolder,
  options: RecoverOptions,
  signal?: AbortSignal,
): Promise<RecoverResult> {
  if (conductorAddress(folder)) throw stillRuns(`game ${folder.id}`);
  if (!existsSync(folder.ledger)) return { game: folder.id, differences: [], conflicts: [], already: true };
  const state = reduceAll(readLog(folder.log).events);
  const place = await placeOfGame(state, options);
  const cluster = place && (await connect(place));
  const log = openLog(folder.log, realClock);
  try {
    if (!place || !cluster) {
      // With the sandbox everything that was broken in it is gone.
      rmSync(folder.ledger, { recursive: true, force: true });
      log.append({ type: 'recovered', by: 'the end of its sandbox' });
      return { game: folder.id, differences: [], conflicts: [], already: true, sandboxGone: true };
    }
    const baseline = options.verify ? (readJson(folder.baseline) as Baseline | undefined) : undefined;
    const recovered = await recoverLedger({
      ledger: folder.ledger,
      cluster,
      clock: realClock,
      signal,
      emit: (event) => log.append(event),
      copyOf: { namespace: place.maintenance, game: folder.id },
      undoResponder: state.game?.sandbox ?? false,
      ...(baseline ? { baseline } : {}),
      ...decided(options),
    });
    const { differences, conflicts, by } = recovered;
    if (by === 'guardian' && !state.ended)
      log.append({
        type: 'ended',
        ending: 'restored-by-guardian',
        why: 'the game died: the guardian took over',
      });
    if (differences.length + conflicts.length === 0)
      log.append({ type: 'recovered', by: by ? restorers[by] : 'misfortune recover' });
    const wasTold = state.announced === 'beginning' && place.channel;
    const untold = wasTold ? await tell(wasTold, log, recovered) : undefined;
    return { game: folder.id, ...recovered, ...(untold !== undefined && { untold }) };
  } finally {
    log.close();
    cluster?.close();
  }
}

function stillRuns(what: string): MisfortuneError {
  const subject = what.replace(/^g/, 'G');
  return new MisfortuneError('game-running', `${subject} still runs; it restores the cluster when it ends.`, {
    todo: 'Abort it there, then try again.',
    exitCode: exitCodes.refused,
  });
}

/** People who were told that a game begins want to know that it is over. Nobody's answer is waited for twice. */
async function tell(channel: Channel, log: GameLog, restored: Restored): Promise<string | undefined> {
  try {
    await announceRecovery(channel, log, restored);
    return undefined;
  } catch (error) {
    return describeError(error);
  }
}

interface GamePlace {
  kubeconfig?: string;
  context: string;
  channel?: Channel;
  /** The namespace of the ledger's copy. */
  maintenance: string;
}

/** Where the game was played; undefined: a sandbox that is gone. */
async function placeOfGame(state: GameState, options: RecoverOptions): Promise<GamePlace | undefined> {
  if (state.game?.sandbox && options.cluster === undefined) {
    const sandbox = findSandbox({ stateHome: stateHome() });
    if (!sandbox || Date.parse(sandbox.startedAt) > (state.game?.at ?? 0)) return undefined;
    return { kubeconfig: sandbox.kubeconfig, context: sandbox.context, maintenance: 'maintenance' };
  }
  const loaded = await loadConfig({ file: options.config });
  const name =
    options.cluster ??
    Object.entries(loaded.config.clusters).find(([, { context }]) => context === state.game?.cluster)?.[0];
  if (name === undefined) {
    throw new MisfortuneError(
      'unknown-cluster',
      `Expected a cluster of misfortune.yaml with the context "${state.game?.cluster}", there is none.`,
      {
        todo: 'Name the cluster with --cluster.',
        exitCode: exitCodes.usage,
      },
    );
  }
  const { kubeconfig, context, announce, guardian } = chooseCluster(loaded, name);
  return {
    ...{ kubeconfig, context, maintenance: guardian.namespace },
    ...(announce && { channel: { ...announce, cluster: name } }),
  };
}

/** Who had restored a game, in words. */
export const restorers = { guardian: 'the guardian', elsewhere: 'misfortune recover on another machine' };
