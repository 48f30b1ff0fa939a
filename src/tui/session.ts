import type { Declaration } from '../game/api/protocol.ts';
import { forResponder } from '../log/audience.ts';
import type { GameEvent } from '../log/events.ts';
import { initialState, reduce } from '../log/state.ts';
import type { RunningGame, WheelEntry } from './backend.ts';
import { eventLines } from './event-lines.ts';
import { type Controls, type Session, who } from './screen.ts';
import { readDebrief, replaceDebrief, shownDebrief } from './screens/debrief.tsx';
import { screens } from './screens/screens.ts';

/** Prepares games, follows the one that runs, and brings its scorecard up. */
export class GameSession implements Session {
  game: RunningGame | undefined;
  private following: AbortController | undefined;
  /** Resolves when the game that was played last has ended for good. */
  private finished: Promise<void> = Promise.resolve();
  /** A game that is being prepared; there is none to abort yet. */
  private preparing: { cancel: AbortController; done: Promise<void> } | undefined;
  /** The game whose scorecard has come up; whoever has gone on from it is left where they are. */
  private graded: string | undefined;
  private isClosed = false;

  constructor(
    private readonly controls: Controls,
    private readonly on: {
      /** Something failed that nobody waits for. */
      fail(error: unknown): void;
      /** The game has ended and left something in the cluster. */
      left(): void;
    },
  ) {}

  /** A second ⏎ while a game is prepared is not a second game. */
  async prepare(entry: WheelEntry): Promise<void> {
    if (this.preparing) return;
    const cancel = new AbortController();
    const done = this.begin(entry, cancel.signal);
    this.preparing = { cancel, done: done.catch(() => undefined) };
    try {
      await done;
    } catch (error) {
      if (!cancel.signal.aborted) throw error;
      this.controls.say('The game was cancelled; nothing was changed.', 'quiet');
    } finally {
      this.preparing = undefined;
    }
  }

  async callOff(): Promise<void> {
    this.preparing?.cancel.abort(new Error('cancelled'));
    await this.preparing?.done;
  }

  async declare(declaration: Declaration): Promise<void> {
    const answer = await this.game?.declare(declaration);
    // That it has begun is seen on the screen; the words would stay until the next key.
    if (answer && !(answer.accepted && declaration.type === 'start'))
      this.controls.say(answer.message, answer.accepted ? 'good' : 'warn');
  }

  async leave(): Promise<void> {
    this.controls.home();
    const { game } = this;
    this.game = undefined;
    await this.end(game);
  }

  /** Ends what runs, for good. */
  async close(): Promise<void> {
    this.isClosed = true;
    await this.callOff();
    await this.end(this.game);
  }

  private async end(game: RunningGame | undefined): Promise<void> {
    await game?.declare({ type: 'abort', who }).catch(() => undefined);
    this.following?.abort();
    await this.finished;
  }

  private async begin(entry: WheelEntry, signal: AbortSignal): Promise<void> {
    const { controls } = this;
    controls.say('Preparing the game … (esc cancels it)', 'quiet');
    await this.finished;
    const game = await controls.backend.play(entry, signal);
    this.game = game;
    this.following = new AbortController();
    controls.restart(screens.briefing, {
      state: initialState,
      happened: [],
      message: undefined,
      info: undefined,
      playbook: game.playbook,
    });
    controls.set({ info: await game.info() });
    this.finished = this.follow(game, this.following.signal).catch(this.on.fail);
  }

  private async follow(game: RunningGame, signal: AbortSignal): Promise<void> {
    const { controls } = this;
    await game.follow((event) => {
      this.happen(event);
      if (event.type === 'nudged') controls.say(`Game master: ${event.text}`, 'warn');
      if (event.type === 'graded' && this.game && controls.backend.unrestored().length === 0)
        void this.scorecard().catch(this.on.fail);
    }, signal);
    await game.ended();
    if (this.game !== game || this.isClosed) return;
    this.game = undefined;
    this.following?.abort();
    if (controls.backend.unrestored().length > 0) {
      controls.home();
      return this.on.left();
    }
    await this.scorecard().catch((error: unknown) => {
      controls.home();
      throw error;
    });
  }

  private happen(event: GameEvent): void {
    const { state: before, happened } = this.controls.ui();
    const state = reduce(before, event);
    const seen = forResponder(event);
    const said = (seen ? eventLines(seen, state) : []).map((text) => ({ at: event.at, text }));
    this.controls.set({ state, happened: said.length > 0 ? [...happened, ...said] : happened });
  }

  /** Each time it was graded: the conductor may still wait for the end of alerts. */
  private async scorecard(): Promise<void> {
    const { controls } = this;
    const id = controls.ui().state.game?.game;
    if (!id) return;
    const debrief = await readDebrief(controls, id);
    if (this.graded === id) return replaceDebrief(controls, debrief);
    this.graded = id;
    controls.restart(screens.debrief, shownDebrief(debrief));
  }
}
