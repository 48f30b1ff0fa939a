import { existsSync, rmSync } from 'node:fs';
import { realClock } from '../clock.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { ClusterError } from '../cluster/cluster-error.ts';
import { connect } from '../cluster/connect.ts';
import { chooseCluster } from '../config/choose.ts';
import { loadConfig } from '../config/load.ts';
import { describeError, exitCodes, MisfortuneError } from '../errors.ts';
import { listClusterLedgers } from '../fault/cluster-ledger-read.ts';
import type { Baseline } from '../fault/compare.ts';
import { leaseHolder } from '../fault/lease.ts';
import type { ConflictSide } from '../fault/ledger-entry.ts';
import { ledgerState } from '../fault/ledger-state.ts';
import { removeMailbox } from '../fault/mailbox.ts';
import { recover as recoverLedger } from '../fault/recover.ts';
import type { Restored } from '../fault/revert.ts';
import { announceRecovery } from '../game/announce/announce.ts';
import type { Channel } from '../game/announce/webhook.ts';
import { conductorAddress } from '../game/current.ts';
import { findRunning } from '../game/running.ts';
import { findSandbox } from '../game/sandbox-link.ts';
import { findUnrestored } from '../game/unrestored.ts';
import { plural } from '../grade/words.ts';
import { findGameFolder, type GameFolder, readJson } from '../log/folder.ts';
import { type GameLog, openLog, readLog } from '../log/log.ts';
import { type GameState, reduceAll } from '../log/state.ts';
import { stateHome } from '../paths.ts';
import { interruptSignal, print } from './output.ts';
import type { PlaceOptions } from './place.ts';

export interface RecoverOptions extends PlaceOptions {
  ours?: boolean;
  theirs?: boolean;
  verify?: boolean;
  json?: boolean;
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
}

/**
 * Restores what crashed games left: the named one, all that are known on this machine to have left something, or with a
 * context what the cluster itself knows of.
 */
export async function recover(name: string | undefined, options: RecoverOptions): Promise<void> {
  const interrupt = interruptSignal();
  const { signal } = interrupt;
  const isByCluster = options.context !== undefined || options.kubeconfig !== undefined;
  const results = await (isByCluster ? recoverCluster : recoverFolders)(name, options, signal)
    .catch((error: unknown) => {
      if (!signal.aborted) throw error;
      throw new MisfortuneError('interrupted', 'Interrupted: what was put back by then stays.', {
        todo: 'The same command goes on from there.',
        exitCode: exitCodes.interrupted,
      });
    })
    .finally(() => interrupt.release());
  print(results, options, () =>
    results.length === 0
      ? ['Nothing to restore: every game has put its cluster back.']
      : results.flatMap(describe),
  );
  if (results.some(({ differences, conflicts }) => differences.length + conflicts.length > 0))
    process.exitCode = exitCodes.leftover;
}

async function recoverFolders(
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
async function recoverCluster(
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
    if (state.announced === 'beginning' && place?.channel) await tell(place.channel, log, recovered);
    return { game: folder.id, ...recovered };
  } finally {
    log.close();
    cluster?.close();
  }
}

function stillRuns(what: string): MisfortuneError {
  const subject = what.replace(/^g/, 'G');
  return new MisfortuneError(
    'game-running',
    `${subject} still runs; it restores the cluster itself when it ends.`,
    { todo: 'Abort it there, then try again.', exitCode: exitCodes.refused },
  );
}

/** People who were told that a game begins want to know that it is over. Nobody's answer is waited for twice. */
async function tell(channel: Channel, log: GameLog, restored: Restored): Promise<void> {
  try {
    await announceRecovery(channel, log, restored);
  } catch (error) {
    process.stderr.write(`The channel was not told: ${describeError(error)}\n`);
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

const restorers = { guardian: 'the guardian', elsewhere: 'misfortune recover on another machine' };

function describe(result: RecoverResult): string[] {
  const { game, differences, conflicts, already, fromBaseline } = result;
  if (result.sandboxGone) return [`${game}: its sandbox is gone, and what was broken in it with it.`];
  const left = differences.length + conflicts.length;
  const words =
    left === 0
      ? [`${game}: ${already ? nothingLeft(result) : 'restored, verified: 0 differences.'}`]
      : [
          `${game}: not everything could be restored.`,
          ...differences.map((line) => `  differs: ${line}`),
          ...conflicts.map((line) => `  conflict: ${line}`),
        ];
  words.push(...(result.left ?? []).map((line) => `  ${line}`));
  if (result.byCopy) words.push(`  by the copy of its ledger in the cluster: ${result.byCopy}`);
  if (conflicts.length > 0) {
    words.push(
      '  A person has to decide these: --ours puts back what was before the game, --theirs keeps what is there.',
    );
  }
  if (differences.length > 0)
    words.push('  Remove what is in the way and run it again, or keep what is there with --theirs.');
  if (fromBaseline) {
    words.push(
      `  against the baseline taken before the game: ${plural(fromBaseline.length, 'difference')}`,
      ...fromBaseline.map((line) => `    ${line}`),
    );
  }
  return words;
}

function nothingLeft({ by }: RecoverResult): string {
  return by ? `nothing was left: ${restorers[by]} had restored it.` : 'nothing was left.';
}
