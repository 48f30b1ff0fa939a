import type { Store } from './store.ts';
import type { UiState } from './ui-state.ts';

/** How long a spin takes when nobody stops it, ms. */
const spinMs = 4_000;
const frameMs = 60;
/** About how many entries pass the pointer in a spin: more could not be read, fewer would be no spin. */
const passing = 45;

/** Draws a scenario by weight, and moves the pointer until it is there. */
export class Spin {
  private started: { at: number; from: number; target: number } | undefined;

  constructor(
    private readonly store: Pick<Store<UiState>, 'get' | 'set'>,
    private readonly source: {
      /** An index of the wheel, drawn by weight. */
      draw(): number;
      /** Wall ms. */
      now(): number;
    },
  ) {}

  /** Pressed while it spins, it lands at once. */
  start(): void {
    if (this.started) return this.land();
    const { selected, wheel } = this.store.get();
    if (wheel.length === 0) return;
    this.started = { at: this.source.now(), from: selected, target: this.source.draw() };
    this.store.set({ spinning: true });
    this.frame();
  }

  land(): void {
    const target = this.started?.target;
    this.started = undefined;
    if (target !== undefined) this.store.set({ selected: target, spinning: false });
  }

  private frame(): void {
    if (!this.started) return;
    const { at, from, target } = this.started;
    const elapsed = this.source.now() - at;
    if (elapsed >= spinMs) return this.land();
    this.store.set({ selected: spinPosition(from, target, this.store.get().wheel.length, elapsed) });
    setTimeout(() => this.frame(), frameMs).unref();
  }
}

/**
 * Which entry is under the pointer `elapsed` ms after the spin began: a cubic ease-out that comes to rest on
 * `target`. The winner is drawn by weight before; the movement only shows it.
 */
function spinPosition(start: number, target: number, count: number, elapsed: number): number {
  if (count <= 0) return 0;
  const turns = Math.max(1, Math.round(passing / count));
  const distance = turns * count + ((((target - start) % count) + count) % count);
  const progress = Math.min(1, Math.max(0, elapsed / spinMs));
  const eased = 1 - (1 - progress) ** 3;
  return (start + Math.round(distance * eased)) % count;
}
