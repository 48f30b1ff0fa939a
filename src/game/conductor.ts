import { emptyBaseline } from '../check/baseline.ts';
import { describeError, type ExitCode, exitCodes, MisfortuneError } from '../errors.ts';
import { leasePlace } from '../fault/lease.ts';
import { ledgerState } from '../fault/ledger-state.ts';
import { createGameFolder, type GameFolder } from '../log/folder.ts';
import { openLog } from '../log/log.ts';
import { type GameState, initialState, reduce } from '../log/state.ts';
import { AlertWatch } from './alert-watch.ts';
import { announceEnding } from './announce/announce.ts';
import { takeBaseline } from './baseline.ts';
import { brief } from './brief.ts';
import { announceGame, currentGame, withdrawGame } from './current.ts';
import { debrief } from './debrief.ts';
import { deskOf } from './desk.ts';
import { readPlaybook, readScenario } from './documents.ts';
import { copyDocuments } from './folder-copies.ts';
import { inject } from './inject.ts';
import { infoForElsewhere } from './mailbox/access.ts';
import { type Mailbox, openMailbox } from './mailbox/serve.ts';
import { OwnWrites } from './own-writes.ts';
import { enter, type Outcome, type Play } from './play.ts';
import { Health, manyListeners } from './poll.ts';
import type { ConductorAddress } from './protocol.ts';
import { answerRequest, type Desk, type DeskRequest } from './requests.ts';
import { type Responding, reasonOf, respond } from './respond.ts';
import { isWithGuardian, letGo, restore } from './restore.ts';
import { serveConductor } from './server.ts';
import type { GameSetup } from './setup.ts';
import { watchSignals } from './signal-watch.ts';

export interface GameResult extends Outcome {
  folder: GameFolder;
  exitCode: ExitCode;
  /** What is left in the cluster, one line each; empty: it is as it was before. */
  leftover: string[];
}

/** A game that has been created and announced. */
export interface Conductor {
  readonly folder: GameFolder;
  readonly address: ConductorAddress;
  state(): GameState;
  /** Ends the game early; it is restored all the same. The first reason wins. */
  abort(reason: Error): void;
  /** Plays from the briefing to the debrief. Resolves after the cluster was restored; does not throw. */
  run(): Promise<GameResult>;
}

/**
 * Creates a game: its folder, log and API. Nothing is touched until `run`.
 * @throws MisfortuneError `quiet-time`, `game-running`, for a broken document or a folder that cannot be made
 */
export async function openConductor(setup: GameSetup): Promise<Conductor> {
  const scenario = readScenario(setup.scenario, setup.params);
  const playbook = readPlaybook(setup.playbook, scenario);
  const { clock, stateHome } = setup;
  if (setup.quiet) throw quietTime(setup.quiet);
  const other = currentGame(stateHome);
  if (other) throw otherGame(other.folder.id);
  const folder = createGameFolder(stateHome, clock.now());
  const log = openLog(folder.log, clock);
  let state = initialState;
  log.listen((event) => {
    state = reduce(state, event);
  });
  const ending = manyListeners();
  const health = new Health(log, clock);
  const play: Play = {
    setup,
    folder,
    log,
    clock,
    health,
    alerts: new AlertWatch(setup.monitoring, log, health),
    signal: ending.signal,
    state: () => state,
    abort: (reason) => ending.abort(reason),
    scenario,
    playbook,
    baseline: emptyBaseline,
    ledger: undefined,
    copy: undefined,
    mailbox: undefined,
    lease: undefined,
    leaseLost: undefined,
    faultEndsAt: undefined,
    later: [],
    repeated: [],
    turns: new Map(),
    ownWrites: new OwnWrites(),
  };
  let responding: Responding | undefined;
  let start = () => {};
  const started = new Promise<void>((resolve) => {
    start = resolve;
  });
  if (setup.autoStart) start();
  const desk = deskOf(play, {
    start,
    claim: (who) => responding?.claim(who) ?? Promise.resolve(false),
  });
  const server = await serveConductor(folder.id, log, desk);
  copyDocuments(play);
  announceGame(stateHome, folder, server.address);

  const phases = async (): Promise<Outcome> => {
    if (setup.mailbox !== undefined) play.mailbox = await openDoor(play, setup.mailbox, desk);
    await brief(play, started);
    await takeBaseline(play);
    const stillborn = await inject(play);
    if (stillborn) return stillborn;
    responding = respond(play, heartbeatOf(play));
    return await responding.outcome;
  };

  const run = async (): Promise<GameResult> => {
    const watching = manyListeners();
    const watches = watchSignals(play, watching.signal);
    const { outcome, refusal } = await takenOver(play, await settled(play, phases));
    enter(play, 'ended');
    log.append({ type: 'ended', ...outcome });
    const restored = await restore(play);
    const leftover = [...(restored?.differences ?? []), ...(restored?.conflicts ?? [])];
    await letGo(play, restored);
    const told = announceEnding(play, outcome, restored);
    await debrief(play);
    await told;
    await play.mailbox?.close();
    watching.abort();
    await watches;
    const exitCode = exitCodeOf(outcome, leftover, refusal, play.signal);
    log.append({ type: 'closed', exitCode });
    await play.ledger?.close();
    await server.finish();
    withdrawGame(stateHome, folder);
    log.close();
    return { ...outcome, folder, exitCode, leftover };
  };
  return { folder, address: server.address, state: play.state, abort: play.abort, run };
}

function quietTime(quiet: string): MisfortuneError {
  return new MisfortuneError('quiet-time', `No game starts now on ${quiet}.`, {
    todo: 'Come back later; the times are under quiet in misfortune.yaml.',
    exitCode: exitCodes.refused,
  });
}

/** Lets responders on other machines take part, who reach nothing but the API server. */
function openDoor({ setup, clock, health, signal }: Play, namespace: string, desk: Desk): Promise<Mailbox> {
  const { cluster } = setup;
  const info = () => infoForElsewhere(desk.info(), cluster.server);
  const answer = (request: DeskRequest) => answerRequest(request, 'responder', { ...desk, info });
  return openMailbox({ cluster, namespace, clock, health, answer }, signal);
}

function otherGame(id: string): MisfortuneError {
  return new MisfortuneError('game-running', `Game ${id} runs already.`, {
    todo: 'Wait for its end, or abort it: `q` in its window.',
    exitCode: exitCodes.refused,
  });
}

/** Every way out of the phases is an outcome: what is thrown before or while injecting is one, too. */
async function settled(
  play: Play,
  phases: () => Promise<Outcome>,
): Promise<{ outcome: Outcome; refusal?: MisfortuneError }> {
  try {
    return { outcome: await phases() };
  } catch (error) {
    if (play.signal.aborted) return { outcome: { ending: 'aborted', why: reasonOf(play.signal) } };
    play.abort(error instanceof Error ? error : new Error(String(error)));
    const refusal = error instanceof MisfortuneError ? error : undefined;
    const isChanged = play.ledger && ledgerState(play.ledger.entries).changes.length > 0;
    const ending = isChanged ? 'aborted' : 'not-started';
    return { outcome: { ending, why: describeError(error) }, refusal };
  }
}

/** A game that lost its Lease to the guardian was ended by it, while nobody could tell. */
async function takenOver<T extends { outcome: Outcome }>(play: Play, settled: T): Promise<T> {
  if (!play.leaseLost || !play.copy || !(await isWithGuardian(play))) return settled;
  const why = 'the cluster did not see this game for a while: the guardian took over';
  return { ...settled, outcome: { ending: 'restored-by-guardian', why } };
}

function heartbeatOf({ setup, signal }: Play): () => Promise<void> {
  const lease = { kind: 'lease', group: 'coordination.k8s.io', ...leasePlace };
  return async () => {
    await setup.cluster.get(lease, signal);
  };
}

function exitCodeOf(
  { ending }: Outcome,
  leftover: string[],
  refusal: MisfortuneError | undefined,
  signal: AbortSignal,
): ExitCode {
  if (leftover.length > 0) return exitCodes.leftover;
  if (ending === 'aborted' && signal.reason instanceof MisfortuneError) {
    const { exitCode } = signal.reason;
    // A lost Lease says that something may be left: by now it is known that nothing is.
    return exitCode === exitCodes.leftover ? exitCodes.failed : exitCode;
  }
  if (refusal) return refusal.exitCode;
  return ending === 'mitigated' ? exitCodes.ok : exitCodes.failed;
}
