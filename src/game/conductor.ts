import { describeError, type ExitCode, exitCodes, MisfortuneError } from '../errors.ts';
import { createGameFolder, type GameFolder } from '../log/folder.ts';
import { openLog } from '../log/log.ts';
import { type GameState, initialState, reduce } from '../log/state.ts';
import { announceEnding } from './announce/announce.ts';
import { announceGame, assertNoGame, withdrawGame } from './api/current.ts';
import { deskOf } from './api/desk.ts';
import type { ConductorAddress } from './api/protocol.ts';
import { answerRequest, type Desk, type DeskRequest } from './api/requests.ts';
import { serveConductor } from './api/server.ts';
import { infoForElsewhere } from './mailbox/access.ts';
import { type Mailbox, openMailbox } from './mailbox/serve.ts';
import { takeBaseline } from './phases/baseline.ts';
import { brief } from './phases/brief.ts';
import { debrief } from './phases/debrief.ts';
import { Hold } from './phases/hold.ts';
import { inject } from './phases/inject.ts';
import { type Responding, reasonOf, respond } from './phases/respond.ts';
import { isWithGuardian, release, restore } from './phases/restore.ts';
import { actingOf, type Documents, enter, type Outcome, type Play } from './play.ts';
import { copyDocuments } from './recording/folder-copies.ts';
import { readPlaybook, readScenario } from './start/documents.ts';
import type { GameSetup } from './start/setup.ts';
import { AlertWatch } from './watch/alert-watch.ts';
import { OwnWrites } from './watch/own-writes.ts';
import { Health, manyListeners } from './watch/poll.ts';
import { watchSignals } from './watch/signal-watch.ts';

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
  let documents = documentsOf(setup);
  const { clock, stateHome } = setup;
  if (setup.quiet) throw quietTime(setup.quiet);
  assertNoGame(stateHome);
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
    acting: actingOf(setup),
    ownWrites: new OwnWrites(),
  };
  const hold = new Hold(play);
  let mailbox: Mailbox | undefined;
  let responding: Responding | undefined;
  let start = () => {};
  const started = new Promise<void>((resolve) => {
    start = resolve;
  });
  if (setup.autoStart) start();
  const desk = deskOf({
    play,
    hold,
    documents: () => documents,
    start,
    claim: (who) => responding?.claim(who) ?? Promise.resolve(false),
  });
  const server = await serveConductor(folder.id, log, desk);
  copyDocuments(play);
  announceGame(stateHome, folder, server.address);

  const phases = async (): Promise<Outcome> => {
    if (setup.mailbox !== undefined) mailbox = await openMailboxOf(play, setup.mailbox, desk);
    await brief(play, documents, started);
    const measured = await takeBaseline(play);
    documents = measured;
    const injected = await inject(play, measured, hold, mailbox);
    if ('ending' in injected) return injected;
    responding = respond(play, { ...measured, ...injected }, hold);
    return await responding.outcome;
  };

  const run = async (): Promise<GameResult> => {
    const watching = manyListeners();
    const watches = watchSignals(play, hold, watching.signal);
    const { outcome, refusal } = await takenOver(play, hold, await settled(play, hold, phases));
    enter(play, 'ended');
    log.append({ type: 'ended', ...outcome });
    const restored = await restore(play, hold);
    const leftover = [...(restored?.differences ?? []), ...(restored?.conflicts ?? [])];
    await release(play, hold, restored);
    const told = announceEnding(play, outcome, restored);
    await debrief(play, documents);
    await told;
    await mailbox?.close();
    watching.abort();
    await watches;
    const exitCode = exitCodeOf(outcome, leftover, refusal, play.signal);
    log.append({ type: 'closed', exitCode });
    await hold.ledger?.close();
    await server.finish();
    withdrawGame(stateHome, folder);
    log.close();
    return { ...outcome, folder, exitCode, leftover };
  };
  return { folder, address: server.address, state: play.state, abort: play.abort, run };
}

function quietTime(quiet: string): MisfortuneError {
  return new MisfortuneError('quiet-time', `No game starts now on ${quiet}.`, {
    todo: 'Try again later; quiet hours are set under quiet in misfortune.yaml.',
    exitCode: exitCodes.refused,
  });
}

function documentsOf({ scenario: document, playbook, params }: GameSetup): Documents {
  const scenario = readScenario(document, params);
  return { scenario, playbook: readPlaybook(playbook, scenario) };
}

/** Lets responders on other machines take part, who reach nothing but the API server. */
function openMailboxOf(
  { setup, clock, health, signal }: Play,
  namespace: string,
  desk: Desk,
): Promise<Mailbox> {
  const { cluster } = setup;
  const info = () => infoForElsewhere(desk.info(), cluster.server);
  const answer = (request: DeskRequest) => answerRequest(request, 'responder', { ...desk, info });
  return openMailbox({ cluster, namespace, clock, health, answer }, signal);
}

/** Every way out of the phases is an outcome: what is thrown before or while injecting is one, too. */
async function settled(
  play: Play,
  hold: Hold,
  phases: () => Promise<Outcome>,
): Promise<{ outcome: Outcome; refusal?: MisfortuneError }> {
  try {
    return { outcome: await phases() };
  } catch (error) {
    if (play.signal.aborted) return { outcome: { ending: 'aborted', why: reasonOf(play.signal) } };
    play.abort(error instanceof Error ? error : new Error(String(error)));
    const refusal = error instanceof MisfortuneError ? error : undefined;
    const ending = hold.hasChanges ? 'aborted' : 'not-started';
    return { outcome: { ending, why: describeError(error) }, refusal };
  }
}

/** A game that lost its Lease to the guardian was ended by it, while nobody could tell. */
async function takenOver<T extends { outcome: Outcome }>(play: Play, hold: Hold, settled: T): Promise<T> {
  if (!hold.isLost || !(await isWithGuardian(play, hold))) return settled;
  const why = 'the game lost its connection to the cluster: the guardian took over';
  return { ...settled, outcome: { ending: 'restored-by-guardian', why } };
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
