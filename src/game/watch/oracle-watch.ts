import { Sustained } from '../../check/sustained.ts';
import type { Clock } from '../../clock.ts';
import type { CheckResult } from '../../log/events.ts';
import type { GameLog } from '../../log/log.ts';

export interface OracleOptions {
  /** One evaluation of every check. Does not throw: what has no data is a gap. */
  evaluate(): Promise<CheckResult[]>;
  /** How long it must hold for a claim to be right, real ms. */
  sustained: number;
  /** How long it must hold if nobody claims, real ms; what is shorter than `sustained` counts as that. */
  unclaimed: number;
  /** How often `look` is called, real ms. */
  interval: number;
  log: GameLog;
  clock: Clock;
}

/**
 * Evaluates the oracle, remembers since when it holds, and decides claims. A claim is wrong as soon as a check fails;
 * it is right once all have held for the window. A gap begins the window anew but refutes nobody.
 */
export class OracleWatch {
  readonly #options: OracleOptions;
  readonly #held: Sustained;
  #verdict: string | undefined;
  #claims: { who: string; decided: Promise<boolean>; decide: (accepted: boolean) => void }[] = [];
  #looking: Promise<void> | undefined;

  constructor(options: OracleOptions) {
    this.#options = options;
    this.#held = new Sustained(options.sustained, { samplingMs: options.interval });
  }

  /** Why the game is won, or undefined while it is not. */
  get verdict(): string | undefined {
    return this.#verdict;
  }

  get hasPendingClaim(): boolean {
    return this.#claims.length > 0;
  }

  /** One look. Two at the same time are one. */
  look(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  /**
   * Resolves when the claim is decided; also, with false, when the game ends before (`dismiss`). Who claims again before
   * that asks for the same decision.
   */
  claim(who: string): Promise<boolean> {
    const open = this.#claims.find((claim) => claim.who === who);
    if (open) return open.decided;
    this.#options.log.append({ type: 'claim-made', who });
    const { promise: decided, resolve: decide } = promiseWithResolvers<boolean>();
    this.#claims.push({ who, decided, decide });
    const lookAfresh = async () => {
      // A look that was under way may have read what was there before the claim; and it may have decided it.
      await this.#looking;
      if (this.hasPendingClaim) await this.look();
    };
    // A look fails when the game is over by then: that decides the claim, too.
    lookAfresh().catch(() => undefined);
    return decided;
  }

  /** The game is over for another reason: open claims were not proven. */
  dismiss(): void {
    this.#decide(false, []);
  }

  async #look(): Promise<void> {
    const { evaluate, log, clock } = this.#options;
    const unclaimed = Math.max(this.#options.unclaimed, this.#options.sustained);
    const checks = await evaluate();
    const holds = checks.every((check) => check.holds);
    const { heldForMs, sustained } = this.#held.add(Math.round(clock.mono()), holds);
    log.append({ type: 'oracle-checked', checks, holds, heldForMs });
    const failing = checks.filter((check) => !check.holds && !check.gap);
    if (failing.length > 0) this.#decide(false, failing);
    else if (holds && this.hasPendingClaim && sustained) {
      this.#verdict = `claimed, and the oracle held for ${seconds(heldForMs)}`;
      this.#decide(true, []);
    } else if (holds && !this.hasPendingClaim && heldForMs >= unclaimed) {
      this.#verdict = `the oracle held for ${seconds(heldForMs)} without a claim`;
    }
  }

  #decide(accepted: boolean, failing: CheckResult[]): void {
    const claims = this.#claims;
    this.#claims = [];
    for (const { who, decide } of claims) {
      this.#options.log.append({ type: 'claimed', who, accepted, failing });
      decide(accepted);
    }
  }
}

/** Promise.withResolvers, which Node 20 lacks. */
function promiseWithResolvers<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1000)} s`;
}
