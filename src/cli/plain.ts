import { describeError, type ExitCode, exitCodes } from '../errors.ts';
import { type GameState, initialState, reduce } from '../log/state.ts';
import type { Backend, RunningGame, WheelEntry } from '../tui/backend.ts';
import { gameTime } from '../tui/draw/game-time.ts';
import { eventLines } from '../tui/event-lines.ts';
import { clean } from '../words/clean.ts';

/** What plain lines are made from. */
export interface PlainBackend extends Pick<Backend, 'start' | 'unrestored' | 'wheel' | 'draw' | 'debrief'> {
  play(entry: WheelEntry, signal: AbortSignal): Promise<Pick<RunningGame, 'declare' | 'follow' | 'ended'>>;
}

/** A game without a terminal: one line an event (or JSON), from the draw to the scorecard. */
export async function playPlain(
  master: PlainBackend,
  options: { json?: boolean; open?: boolean },
  signal: AbortSignal,
): Promise<ExitCode> {
  const say = (text: string): void =>
    void (options.json ? process.stderr : process.stdout).write(`${text}\n`);
  await master.start((step) => {
    if (step.done >= step.total) say(`started ${step.component} ${step.detail ?? ''}`.trimEnd());
  }, signal);
  for (const id of master.unrestored())
    say(`Game ${id} ended without restoring the cluster: misfortune recover ${id}`);
  const entry = master.wheel()[master.draw()];
  if (!entry) {
    say('There is no scenario to play. `misfortune scenario lint` says why.');
    return exitCodes.usage;
  }
  say(`The wheel chose: ${clean(entry.title)}`);
  const game = await master.play(entry, signal);
  say("`npx misfortune join` in another terminal opens the responder's shell. Ctrl-C aborts and restores.");
  if (options.open)
    say('On another machine: `misfortune join --context NAME`, with the context there for this cluster.');
  signal.addEventListener(
    'abort',
    () => void game.declare({ type: 'abort', who: 'game master' }).catch(() => undefined),
    { once: true },
  );
  await game.declare({ type: 'start' });
  let state = initialState;
  let awaited = '';
  let shown: Promise<void> | undefined;
  const showScorecard = async (id: string): Promise<void> => {
    const { heading, lines } = await master.debrief(id, 100);
    say(['', heading, ...lines.map(({ text }) => text), ''].join('\n'));
    const waits = !state.closed && isAnyFiring(state);
    if (waits) say('Alerts still fire: their times are added when they resolve (Ctrl-C: do not wait).');
  };
  await game.follow((event) => {
    state = reduce(state, event);
    if (event.type === 'graded' && state.game)
      shown ??= showScorecard(state.game.game).catch((error) => say(describeError(error)));
    if (options.json) {
      process.stdout.write(`${JSON.stringify(event)}\n`);
      return;
    }
    const lines = eventLines(event, state);
    if (event.type === 'steady-state-awaited') {
      // It is told again and again while one waits: once is enough for lines that stay.
      if (lines.join('\n') === awaited) return;
      awaited = lines.join('\n');
    }
    for (const line of lines) say(`${gameTime(state, event.at)}  ${line}`);
  }, new AbortController().signal);
  const exitCode = await game.ended();
  await shown;
  if (state.game && shown)
    say(`The report, to read in a browser too: npx misfortune report ${state.game.game}`);
  return signal.aborted && exitCode !== exitCodes.leftover ? exitCodes.interrupted : (exitCode as ExitCode);
}

function isAnyFiring({ alerts }: GameState): boolean {
  return alerts.some(({ background, state }) => !background && state !== 'inactive');
}
