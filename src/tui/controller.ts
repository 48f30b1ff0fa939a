import { basename } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describeError } from '../errors.ts';
import type { Declaration } from '../game/protocol.ts';
import { alertToAnswer } from '../log/alert-episodes.ts';
import { initialState, reduce } from '../log/state.ts';
import { runbookOf } from '../signal/annotations.ts';
import type { Backend, RunningGame, WheelEntry } from './backend.ts';
import { type Action, actionOf, type Press } from './keys.ts';
import { type PromptAnswer, PromptLine } from './prompt-line.ts';
import { spinMs, spinPosition } from './spin.ts';
import type { Store } from './store.ts';
import { clean } from './text.ts';

/** What the terminal's owner does when the screens ask for it: leave, or lend the terminal to a shell. */
export interface Owner {
  quit(): void;
  /** Gives the terminal to `use` and takes it back after. */
  lend(use: () => Promise<void>): Promise<void>;
  /** Columns for pages that are drawn to fit. */
  columns(): number;
}

const who = 'responder';
const nothingToReport = 'There is nothing to report.';
const frameMs = 60;
/** Between looks at a cluster that is not healthy yet. */
const lookMs = 2_000;

/** Turns key presses into what happens; the only part of the screens with effects. */
export class Controller {
  private game: RunningGame | undefined;
  private following: AbortController | undefined;
  /** Resolves when the game that was played last has ended for good. */
  private finished: Promise<void> = Promise.resolve();
  private readonly stop = new AbortController();
  private readonly prompt: PromptLine;
  /** A game that is being prepared; there is none to abort yet. */
  private preparing: { cancel: AbortController; done: Promise<void> } | undefined;
  private spinStart: { at: number; from: number; target: number } | undefined;

  constructor(
    private readonly store: Store,
    private readonly backend: Backend,
    private readonly owner: Owner,
  ) {
    this.prompt = new PromptLine(store, (prefix) => this.game?.origins(prefix) ?? Promise.resolve([]));
  }

  /** Brings the cluster up and lands on the wheel. */
  async start(): Promise<void> {
    try {
      const cluster = await this.backend.start((step) => {
        const { steps } = this.store.get();
        const known = steps.findIndex((other) => other.component === step.component);
        this.store.set({ steps: known < 0 ? [...steps, step] : steps.with(known, step) });
      }, this.stop.signal);
      this.store.set({ cluster });
      this.home();
      this.offerRecovery();
      if (!cluster.healthy) await this.untilHealthy();
    } catch (error) {
      if (!this.stop.signal.aborted) this.fail(error);
    }
  }

  /** Pods become ready after the sandbox is up: the line at the top follows until they are. */
  private async untilHealthy(): Promise<void> {
    const { signal } = this.stop;
    for (let healthy = false; !healthy; ) {
      await delay(lookMs, undefined, { signal, ref: false });
      const cluster = await this.backend.cluster(signal);
      this.store.set({ cluster });
      healthy = cluster.healthy;
    }
  }

  /** Ends what runs: called when the terminal's owner leaves. */
  async close(): Promise<void> {
    this.stop.abort();
    await this.callOff();
    await this.game?.declare({ type: 'abort', who }).catch(() => undefined);
    this.following?.abort();
    await this.finished;
  }

  press(input: string, press: Press & { backspace?: boolean; delete?: boolean; tab?: boolean }): void {
    // Keys that come at once (a fast hand on a busy machine, a paste) are one input; each counts.
    const keys = [...input];
    if (keys.length > 1) {
      for (const key of keys) {
        const isReturn = key === '\r' || key === '\n';
        this.press(isReturn ? '' : key, { ...press, return: isReturn });
      }
      return;
    }
    const { prompt, help, screen } = this.store.get();
    if (this.store.get().message) this.store.set({ message: undefined });
    if (prompt) {
      const answer = this.prompt.press(input, press);
      if (answer) void this.answered(answer).catch((error) => this.fail(error));
      return;
    }
    if (help) return this.store.set({ help: false });
    const action = actionOf(screen, input, press);
    if (action) void this.act(action).catch((error) => this.fail(error));
  }

  /** Once a second, and at each frame of a spin. */
  tick(): void {
    this.store.set({ now: this.backend.now() });
    const spin = this.spinStart;
    if (!spin) return;
    const elapsed = this.backend.now() - spin.at;
    const { wheel } = this.store.get();
    this.store.set({ selected: spinPosition(spin.from, spin.target, wheel.length, elapsed) });
    if (elapsed < spinMs) setTimeout(() => this.tick(), frameMs);
    else this.land();
  }

  /** The window has another width: what was wrapped for the old one is wrapped again. */
  resized(): void {
    const { screen, state } = this.store.get();
    const game = state.game?.game;
    if (screen === 'debrief' && game) void this.debrief(game, true).catch((error) => this.fail(error));
  }

  private async act(action: Action): Promise<void> {
    const { screen } = this.store.get();
    switch (action) {
      case 'help':
        return this.store.set({ help: true });
      case 'quit':
        return this.owner.quit();
      case 'up':
      case 'down':
        return this.move(action === 'up' ? -1 : 1);
      case 'back':
        return this.back();
      case 'enter':
        return this.enter();
      case 'spin':
        return this.spin();
      case 'games':
        return this.store.set({ screen: 'games', games: this.backend.pastGames(), scroll: 0 });
      case 'report': {
        const game = this.store.get().state.game?.game;
        const files = game ? await this.backend.report(game) : [];
        return this.say(
          files.length > 0
            ? `Written: ${files[0]} and, beside it, ${names(files.slice(1))}`
            : nothingToReport,
          'good',
        );
      }
      case 'master':
        if (this.store.get().master) return this.store.set({ master: false });
        return this.prompt.confirm('master', "The game master's view tells what was broken. Show it?");
      default:
        if (screen === 'live') await this.play(action);
    }
  }

  private async play(action: Action): Promise<void> {
    const { game } = this;
    if (!game) return;
    switch (action) {
      case 'ack':
        return this.declare({ type: 'ack', who });
      case 'hint':
        return this.declare({ type: 'hint', who });
      case 'resolve':
        return this.declare({ type: 'resolve', who });
      case 'note':
        return this.prompt.ask('note', 'Note');
      case 'nudge':
        return this.prompt.ask('nudge', 'Nudge for the responder');
      case 'diagnose':
        return this.prompt.ask('origin', 'Suspected root cause (type to search; empty: unknown)');
      case 'abort':
        return this.prompt.confirm('abort', 'End the game now and put everything back?');
      case 'dashboards':
        return this.store.set({ screen: 'dashboards', scroll: 0 });
      case 'playbook':
        return this.readPlaybook(game);
      case 'terminal':
        return this.owner.lend(() => game.shell());
      default:
        return undefined;
    }
  }

  private async answered(answer: PromptAnswer): Promise<void> {
    switch (answer.kind) {
      case 'note':
        return answer.text ? this.declare({ type: 'note', who, text: answer.text }) : undefined;
      case 'nudge':
        return answer.text ? this.declare({ type: 'nudge', text: answer.text }) : undefined;
      case 'origin':
        return this.prompt.choose(
          'mechanism',
          'Kind of failure (type to search)',
          this.store.get().info?.mechanisms ?? [],
          answer.text,
        );
      case 'mechanism':
        return this.declare({
          type: 'diagnose',
          who,
          ...(answer.carried ? { origin: answer.carried } : {}),
          ...(answer.text ? { mechanism: answer.text } : {}),
        });
      case 'abort':
        return answer.yes ? this.declare({ type: 'abort', who }) : undefined;
      case 'master':
        if (answer.yes) this.store.set({ master: true });
        return undefined;
      case 'recover':
        if (!answer.yes) return this.say('Left as it is. `misfortune recover` restores it.', 'warn');
        await this.backend.recover((line) => this.say(line, 'quiet'));
        return undefined;
    }
  }

  private async declare(declaration: Declaration): Promise<void> {
    const answer = await this.game?.declare(declaration);
    // That it has begun is seen on the screen; the words would stay until the next key.
    if (answer && !(answer.accepted && declaration.type === 'start'))
      this.say(answer.message, answer.accepted ? 'good' : 'warn');
  }

  private move(step: number): void {
    const { screen, wheel, selected, scroll } = this.store.get();
    if (screen === 'home' && !this.spinStart && wheel.length > 0) {
      return this.store.set({ selected: (selected + step + wheel.length) % wheel.length });
    }
    const rows = this.rows();
    this.store.set({ scroll: Math.max(0, Math.min(rows - 1, scroll + step)) });
  }

  private rows(): number {
    const { screen, state, games, debrief, dashboard } = this.store.get();
    if (screen === 'dashboards') return state.game?.dashboards.length ?? 0;
    if (screen === 'games') return games.length;
    if (screen === 'debrief') return debrief?.lines.length ?? 0;
    if (screen === 'playbook') return this.store.get().reading?.lines?.length ?? 0;
    return dashboard?.lines?.length ?? 0;
  }

  private back(): void {
    const { screen } = this.store.get();
    if (screen === 'home') return void this.callOff();
    if (screen === 'dashboard')
      return this.store.set({ screen: 'dashboards', dashboard: undefined, scroll: 0 });
    if (screen === 'dashboards' || screen === 'playbook')
      return this.store.set({ screen: 'live', reading: undefined, scroll: 0 });
    if (screen === 'briefing') return void this.leaveGame();
    // Who leaves the scorecard does not wait for the end of alerts.
    if (screen === 'debrief') void this.game?.declare({ type: 'abort', who }).catch(() => undefined);
    this.home();
  }

  private async enter(): Promise<void> {
    const { screen, wheel, selected, games, scroll } = this.store.get();
    if (screen === 'home') {
      if (this.spinStart) return this.land();
      const entry = wheel[selected];
      return entry ? this.brief(entry) : undefined;
    }
    if (screen === 'briefing') {
      this.store.set({ screen: 'live', scroll: 0 });
      return this.declare({ type: 'start' });
    }
    if (screen === 'dashboards') return this.open();
    const past = games[scroll];
    if (screen === 'games' && past) return this.debrief(past.id);
  }

  /** A second ⏎ while a game is prepared is not a second game. */
  private async brief(entry: WheelEntry): Promise<void> {
    if (this.preparing) return;
    const cancel = new AbortController();
    const done = this.prepare(entry, cancel.signal);
    this.preparing = { cancel, done: done.catch(() => undefined) };
    try {
      await done;
    } catch (error) {
      if (!cancel.signal.aborted) throw error;
      this.say('The game was called off; nothing was changed.', 'quiet');
    } finally {
      this.preparing = undefined;
    }
  }

  private async callOff(): Promise<void> {
    this.preparing?.cancel.abort(new Error('called off'));
    await this.preparing?.done;
  }

  private async prepare(entry: WheelEntry, signal: AbortSignal): Promise<void> {
    this.say('Preparing the game … (esc calls it off)', 'quiet');
    await this.finished;
    const game = await this.backend.play(entry, signal);
    this.game = game;
    this.following = new AbortController();
    this.store.set({
      state: initialState,
      screen: 'briefing',
      message: undefined,
      info: undefined,
      playbook: game.playbook,
    });
    this.store.set({ info: await game.info() });
    this.finished = game
      .follow((event) => {
        this.store.set({ state: reduce(this.store.get().state, event) });
        if (event.type === 'nudged') this.say(`Game master: ${event.text}`, 'warn');
        if (event.type === 'graded') void this.scorecard().catch((error) => this.fail(error));
      }, this.following.signal)
      .then(() => this.finish(game))
      .catch((error) => this.fail(error));
  }

  /** Each time it was graded: the scorecard, while the conductor may still wait for the end of alerts. */
  private async scorecard(): Promise<void> {
    const { state, screen } = this.store.get();
    const id = state.game?.game;
    if (!this.game || !id || this.backend.unrestored().length > 0) return;
    if (screen === 'debrief') return this.debrief(id, true);
    return this.debrief(id);
  }

  /** The conductor has ended. */
  private async finish(game: RunningGame): Promise<void> {
    await game.ended();
    if (this.game !== game || this.stop.signal.aborted) return;
    this.game = undefined;
    this.following?.abort();
    if (this.backend.unrestored().length > 0) {
      this.home();
      return this.offerRecovery();
    }
    const { state, screen } = this.store.get();
    const id = state.game?.game;
    if (!id || screen === 'home') return;
    try {
      await this.debrief(id, screen === 'debrief');
    } catch (error) {
      this.home();
      throw error;
    }
  }

  private offerRecovery(): void {
    const unrestored = this.backend.unrestored();
    if (unrestored.length === 0) return;
    this.prompt.confirm(
      'recover',
      `Game ${unrestored.join(', ')} ended without putting the cluster back. Restore it now?`,
    );
  }

  private async debrief(game: string, again = false): Promise<void> {
    const debrief = await this.backend.debrief(game, this.owner.columns());
    const { state, screen } = this.store.get();
    if (again) {
      // Whoever has gone on meanwhile is left where they are.
      if (screen === 'debrief' && state.game?.game === game) this.store.set({ debrief });
      return;
    }
    const shown =
      state.game?.game === game
        ? state
        : { ...initialState, game: { ...state.game, game } as NonNullable<typeof state.game> };
    this.store.set({
      screen: 'debrief',
      debrief,
      scroll: 0,
      prompt: undefined,
      help: false,
      message: undefined,
      state: shown,
    });
  }

  private async leaveGame(): Promise<void> {
    this.home();
    const { game } = this;
    this.game = undefined;
    await game?.declare({ type: 'abort', who }).catch(() => undefined);
    this.following?.abort();
    await this.finished;
  }

  private async open(): Promise<void> {
    const { state, scroll } = this.store.get();
    const chosen = state.game?.dashboards[scroll];
    if (!chosen || !this.game) return;
    this.store.set({ screen: 'dashboard', dashboard: { ...chosen, lines: undefined }, scroll: 0 });
    const lines = await this.game.dashboard(chosen.uid, this.owner.columns());
    if (this.store.get().dashboard?.uid === chosen.uid) this.store.set({ dashboard: { ...chosen, lines } });
  }

  private async readPlaybook(game: RunningGame): Promise<void> {
    const alert = alertToAnswer(this.store.get().state.alerts);
    const name = alert && runbookOf(alert.annotations);
    if (!name)
      return this.say(
        alert ? `${alert.name} has no runbook annotation.` : 'No alert is firing that leads to a playbook.',
        'warn',
      );
    this.store.set({ screen: 'playbook', reading: { name, lines: undefined }, scroll: 0 });
    const lines = await game.readPlaybook(name, this.owner.columns()).catch((error: unknown) => {
      this.back();
      throw error;
    });
    if (this.store.get().reading?.name === name) this.store.set({ reading: { name, lines } });
  }

  private home(): void {
    this.store.set({
      screen: 'home',
      wheel: this.backend.wheel(),
      debrief: undefined,
      scroll: 0,
      now: this.backend.now(),
    });
  }

  private spin(): void {
    if (this.spinStart) return this.land();
    const { selected, wheel } = this.store.get();
    if (wheel.length === 0) return;
    this.spinStart = { at: this.backend.now(), from: selected, target: this.backend.draw() };
    this.store.set({ spinning: true });
    this.tick();
  }

  private land(): void {
    const target = this.spinStart?.target;
    this.spinStart = undefined;
    if (target !== undefined) this.store.set({ selected: target, spinning: false });
  }

  private say(text: string, tone: 'good' | 'bad' | 'warn' | 'quiet'): void {
    this.store.set({ message: { text: clean(text), tone } });
  }

  private fail(error: unknown): void {
    this.say(describeError(error), 'bad');
  }
}

function names(paths: readonly string[]): string {
  return paths.map((path) => basename(path)).join(', ');
}
