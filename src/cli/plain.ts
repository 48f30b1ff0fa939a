import { describeError, type ExitCode, exitCodes } from '../errors.ts';
import type { GameEvent } from '../log/events.ts';
import { type GameState, initialState, reduce } from '../log/state.ts';
import { clean, duration } from '../tui/text.ts';
import { unmetText } from '../tui/unmet.ts';
import type { GameMaster } from './game-master.ts';

/** A game without a terminal: one line an event (or JSON), from the draw to the scorecard. */
export async function playPlain(
  master: GameMaster,
  options: { json?: boolean; open?: boolean },
  signal: AbortSignal,
): Promise<ExitCode> {
  const say = (text: string): void =>
    void (options.json ? process.stderr : process.stdout).write(`${text}\n`);
  await master.start((step) => {
    if (step.done >= step.total) say(`started ${step.component} ${step.detail ?? ''}`.trimEnd());
  }, signal);
  for (const id of master.unrestored())
    say(`Game ${id} ended without putting the cluster back: misfortune recover ${id}`);
  const entry = master.wheel()[master.draw()];
  if (!entry) {
    say('There is no scenario to play. `misfortune scenario lint` says why.');
    return exitCodes.usage;
  }
  say(`The wheel says: ${clean(entry.title)}`);
  const game = await master.play(entry);
  say("`npx misfortune join` in another terminal opens the responder's shell. Ctrl-C aborts and restores.");
  if (options.open)
    say('On another machine: `misfortune join --context NAME`, with the context there for this cluster.');
  await game.declare({ type: 'start' });
  signal.addEventListener(
    'abort',
    () => void game.declare({ type: 'abort', who: 'game master' }).catch(() => undefined),
    { once: true },
  );
  let state = initialState;
  let awaited = '';
  let shown: Promise<void> | undefined;
  const showScorecard = async (id: string): Promise<void> => {
    const { heading, lines } = await master.debrief(id, 100);
    say(['', heading, ...lines.map(({ text }) => text), ''].join('\n'));
    const waits = !state.closed && isAnyFiring(state);
    if (waits) say('Alerts still fire: their times are added when they are over (Ctrl-C: do not wait).');
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
    if (event.type === 'calm-awaited') {
      // It is told again and again while one waits: once is enough for lines that stay.
      if (lines.join('\n') === awaited) return;
      awaited = lines.join('\n');
    }
    for (const line of lines) say(`${duration(event.mono)}  ${line}`);
  }, new AbortController().signal);
  const exitCode = await game.ended();
  for (const line of master.lastWords()) say(line);
  await shown;
  if (state.game && shown)
    say(`The report, to read in a browser too: npx misfortune report ${state.game.game}`);
  return signal.aborted && exitCode !== exitCodes.leftover ? exitCodes.interrupted : (exitCode as ExitCode);
}

function isAnyFiring({ alerts }: GameState): boolean {
  return alerts.some(({ background, state }) => !background && state !== 'inactive');
}

/** What a responder may read of an event; nothing before the debrief gives the fault away. */
export function eventLines(event: GameEvent, state: GameState): string[] {
  switch (event.type) {
    case 'game-created':
      return [...clean(event.title).split('\n'), ...event.briefing.trim().split('\n').map(clean)];
    case 'phase-entered':
      return [`— ${event.phase}`];
    case 'announced':
      return [`told ${clean(event.host)} of the ${event.moment}`];
    case 'calm-awaited':
      return [`not calm yet: ${clean(unmetText(state))}`];
    case 'alert-changed':
      return [`alert ${clean(event.name)} ${event.state}`];
    case 'alert-notified':
      return [`notified ${event.receivers.map(clean).join(', ')} of ${clean(event.name)}`];
    case 'action-seen':
      if (event.action.surface === 'cluster') return [];
      return [`${event.action.who}: ${clean(event.action.title)} (${event.action.effect})`];
    case 'acknowledged':
      return [`${event.who} acknowledged ${clean(event.alert ?? '')}`];
    case 'noted':
      return [`${event.who}: ${clean(event.text)}`];
    case 'hint-taken':
      return [`hint: ${clean(event.text)}`];
    case 'diagnosed':
      return [`${event.who} diagnosed ${clean([event.origin, event.mechanism].filter(Boolean).join(', '))}`];
    case 'claimed':
      return [`${event.who} says it is resolved: ${event.accepted ? 'yes' : 'not yet'}`];
    case 'nudged':
      return [`game master: ${clean(event.text)}`];
    case 'monitor-back':
      return [`${event.part} answers again; there is a gap of ${duration(event.afterMs)}`];
    case 'monitor-failed':
      return [`${event.part} does not answer: ${clean(event.error)}`];
    case 'ended':
      return [`ended: ${event.ending}. ${clean(event.why)}`];
    case 'restore-verified':
      return [
        `restored, verified: ${event.differences.length} differences, ${event.conflicts.length} conflicts`,
        ...event.differences.map(clean),
        ...event.conflicts.map(clean),
        ...(event.left ?? []).map(clean),
      ];
    default:
      return [];
  }
}
