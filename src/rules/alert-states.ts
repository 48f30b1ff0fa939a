import type { LabelSet } from '../promql/series/labels.ts';

/** An alert of a rule. Times are ms since epoch. */
export interface ActiveAlert extends Observed {
  readonly state: 'pending' | 'firing';
  /** When the expression first held. */
  readonly activeAt: number;
  readonly firedAt: number | undefined;
  /** When it stopped to hold while `keep_firing_for` keeps it firing. */
  readonly keptSince: number | undefined;
}

/** One result of a rule's expression, with the labels of the alert that it stands for. */
export interface Observed {
  readonly labels: LabelSet;
  readonly value: number;
  readonly annotations: Readonly<Record<string, string>>;
}

/** `for` and `keep_firing_for`. */
export interface AlertTiming {
  readonly forMs: number;
  readonly keepFiringForMs: number;
}

/** The alerts of one rule from evaluation to evaluation, each known by its labels. */
export class AlertStates {
  readonly #timing: AlertTiming;
  #active = new Map<string, ActiveAlert>();

  constructor(timing: AlertTiming) {
    this.#timing = timing;
  }

  get alerts(): readonly ActiveAlert[] {
    return [...this.#active.values()];
  }

  get state(): 'inactive' | 'pending' | 'firing' {
    const { alerts } = this;
    if (alerts.some(({ state }) => state === 'firing')) return 'firing';
    return alerts.length > 0 ? 'pending' : 'inactive';
  }

  /**
   * One evaluation: what the expression gave at `time` (ms), each label set once. Times go up from call to call. Returns the
   * alerts that ended: pending ones vanish, firing ones are resolved.
   */
  observe(time: number, results: readonly Observed[]): ActiveAlert[] {
    const before = this.#active;
    const active = new Map(before);
    const seen = new Set<string>();
    for (const result of results) {
      const { key } = result.labels;
      seen.add(key);
      active.set(key, this.#holding(before.get(key), result, time));
    }
    const ended: ActiveAlert[] = [];
    for (const [key, alert] of before) {
      if (seen.has(key)) continue;
      const kept = this.#kept(alert, time);
      if (kept) active.set(key, kept);
      else {
        active.delete(key);
        ended.push(alert);
      }
    }
    this.#active = active;
    return ended;
  }

  /** Forgets all alerts: none of them is resolved. */
  clear(): void {
    this.#active = new Map();
  }

  #holding(known: ActiveAlert | undefined, result: Observed, time: number): ActiveAlert {
    const activeAt = known?.activeAt ?? time;
    const isFiring = known?.state === 'firing' || time - activeAt >= this.#timing.forMs;
    // Without a spread: this is made for every alert at every evaluation.
    return {
      labels: result.labels,
      value: result.value,
      annotations: result.annotations,
      state: isFiring ? 'firing' : 'pending',
      activeAt,
      firedAt: known?.firedAt ?? (isFiring ? time : undefined),
      keptSince: undefined,
    };
  }

  /** A firing alert whose expression no longer holds, while `keep_firing_for` lasts. */
  #kept(alert: ActiveAlert, time: number): ActiveAlert | undefined {
    const { keepFiringForMs } = this.#timing;
    if (alert.state !== 'firing' || keepFiringForMs === 0) return undefined;
    const keptSince = alert.keptSince ?? time;
    return time - keptSince < keepFiringForMs ? { ...alert, keptSince } : undefined;
  }
}

/** What one evaluation saw. `time` in ms. */
export interface Evaluation {
  readonly time: number;
  readonly results: readonly Observed[];
}

/** An alert from its first evaluation to the one that no longer saw it; undefined: it was there at the last. */
export interface Episode {
  readonly alert: ActiveAlert;
  readonly endedAt: number | undefined;
}

/** Every alert that a rule would have had over recorded evaluations, in order of their ends. */
export function episodesOf(timing: AlertTiming, evaluations: Iterable<Evaluation>): Episode[] {
  const states = new AlertStates(timing);
  const ended: Episode[] = [];
  for (const { time, results } of evaluations)
    for (const alert of states.observe(time, results)) ended.push({ alert, endedAt: time });
  return [...ended, ...states.alerts.map((alert) => ({ alert, endedAt: undefined }))];
}
