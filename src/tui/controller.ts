import { setTimeout as delay } from 'node:timers/promises';
import { describeError } from '../errors.ts';
import { clean } from '../words/clean.ts';
import type { Backend } from './backend.ts';
import { bodyOf } from './draw/foot.tsx';
import { nameOf, type Press, singly } from './input/press.ts';
import { PromptLine } from './input/prompt-line.ts';
import type { Controls, Outcome, Owner, Screen, Shown } from './screen.ts';
import { screens } from './screens/screens.ts';
import { GameSession } from './session.ts';
import { Spin } from './state/spin.ts';
import type { Store } from './state/store.ts';
import type { Message, UiState } from './state/ui-state.ts';

/** Between looks at a cluster that is not healthy yet. */
const lookMs = 2_000;

/** Gives each key press to the screen that is shown, and keeps the way back from it. */
export class Controller implements Controls {
  readonly prompt: PromptLine;
  readonly spin: Spin;
  readonly session: GameSession;
  private readonly stop = new AbortController();
  /** The screens below the one that is shown, the wheel first. */
  private below: Pick<Shown, 'screen' | 'scroll'>[] = [];

  constructor(
    private readonly store: Store<Shown>,
    readonly backend: Backend,
    readonly owner: Owner,
  ) {
    this.prompt = new PromptLine(store);
    this.spin = new Spin(store, backend);
    this.session = new GameSession(this, {
      fail: (error) => this.fail(error),
      left: () => this.offerRecovery(),
    });
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
    await this.session.close();
  }

  press(input: string, press: Press): void {
    for (const one of singly(input, press)) this.try(() => this.pressOne(one.input, one.press));
  }

  private pressOne(input: string, press: Press): Outcome {
    const { prompt, help, screen, message } = this.store.get();
    if (message) this.store.set({ message: undefined });
    if (prompt) return this.prompt.press(input, press);
    if (help) return this.store.set({ help: false });
    if (press.ctrl) return undefined;
    const name = nameOf(input, press);
    return screen.keys.find(({ key }) => key === name)?.press(this);
  }

  /** Once a second. */
  tick(): void {
    this.store.set({ now: this.backend.now() });
  }

  /** The window has another width. */
  resized(): void {
    this.try(() => this.store.get().screen.resized?.(this));
  }

  ui(): UiState {
    return this.store.get();
  }

  set(change: Partial<UiState>): void {
    this.store.set(change);
  }

  say(text: string, tone: Message['tone']): void {
    this.store.set({ message: { text: clean(text), tone } });
  }

  show(screen: Screen, change: Partial<UiState> = {}): void {
    const { screen: before, scroll } = this.store.get();
    this.below.push({ screen: before, scroll });
    this.store.set({ screen, scroll: 0, ...change });
  }

  restart(screen: Screen, change: Partial<UiState> = {}): void {
    this.below = [{ screen: screens.home, scroll: 0 }];
    this.store.set({ screen, scroll: 0, ...change });
  }

  leave(change: Partial<UiState> = {}): void {
    const before = this.below.pop();
    if (!before || before.screen === screens.home) return this.home();
    this.store.set({ ...before, ...change });
  }

  home(): void {
    this.below = [];
    const now = this.backend.now();
    this.store.set({ screen: screens.home, wheel: this.backend.wheel(), debrief: undefined, scroll: 0, now });
  }

  move(step: number): void {
    const shown = this.store.get();
    const rows = shown.screen.rows(shown, bodyOf(shown, this.owner.size()));
    this.store.set({ scroll: Math.max(0, Math.min(rows - 1, shown.scroll + step)) });
  }

  enter(): Outcome {
    return this.store.get().screen.enter(this);
  }

  back(): Outcome {
    return this.store.get().screen.back(this);
  }

  private offerRecovery(): void {
    const unrestored = this.backend.unrestored();
    if (unrestored.length === 0) return;
    this.prompt.confirm(
      `Game ${unrestored.join(', ')} ended without restoring the cluster. Restore it now?`,
      () => this.backend.recover((line) => this.say(line, 'quiet')),
      () => this.say('The cluster stays as it is. `misfortune recover` restores it.', 'warn'),
    );
  }

  private try(what: () => Outcome | undefined): void {
    try {
      void what()?.catch((error: unknown) => this.fail(error));
    } catch (error) {
      this.fail(error);
    }
  }

  private fail(error: unknown): void {
    this.say(describeError(error), 'bad');
  }
}
