const FIRST_MS = 10_000;
const LONGEST_MS = 300_000;
/** A container that ran this long starts counting anew. */
const FORGIVEN_MS = 600_000;

/** How long to wait before the next try: not at all at first, then 10 s doubling up to 5 min (kubelet's defaults). */
export class BackOff {
  private tries = 0;

  constructor(private readonly speed: number) {}

  /** `ranMs`: how long the last try lasted. The nominal wait is what Kubernetes would say, in whole seconds. */
  next(ranMs = 0): { waitMs: number; nominalSeconds: number } {
    if (ranMs >= FORGIVEN_MS / this.speed) this.tries = 0;
    const nominal = this.tries === 0 ? 0 : Math.min(FIRST_MS * 2 ** (this.tries - 1), LONGEST_MS);
    this.tries++;
    return { waitMs: nominal / this.speed, nominalSeconds: nominal / 1000 };
  }
}

/** As Go prints a duration: `10s`, `2m40s`. */
export function goDuration(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  return minutes > 0 ? `${minutes}m${seconds % 60}s` : `${seconds}s`;
}
