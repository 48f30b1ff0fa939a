import type { AlertInstance, AlertRule, Monitoring, Rules } from '../series.ts';

/** As doctor, log and scorecard name what a Grafana evaluates. */
export const grafanaAlerting = 'Grafana alerting';

/** Who evaluates rules and did not tell them; `why` is a whole sentence. */
export interface SilentRuler {
  part: string;
  why: unknown;
}

type Evaluators = Pick<Monitoring, 'prometheus' | 'rulers'>;

/**
 * The rules of Prometheus and of everybody else who evaluates some. A rule that two of them tell (a Thanos tells those of
 * its Prometheuses) is there once. Throws if Prometheus itself does not answer; a ruler that does not costs its own only.
 */
export async function readAllRules(
  { prometheus, rulers = [] }: Evaluators,
  signal?: AbortSignal,
): Promise<Rules & { silent: SilentRuler[] }> {
  const [own, others] = await Promise.all([
    prometheus.rules(signal),
    Promise.all(rulers.map((ruler) => settled(ruler.part, ruler.rules(signal), signal))),
  ]);
  const told = [own, ...others.flatMap(({ value }) => value ?? [])];
  return {
    alerting: merged(told.map(({ alerting }) => alerting)),
    recording: merged(told.map(({ recording }) => recording)),
    silent: others.flatMap(({ silent }) => silent ?? []),
  };
}

/** What is pending or fires, as `readAllRules` reads rules. */
export async function readAllAlerts(
  { prometheus, rulers = [] }: Evaluators,
  signal?: AbortSignal,
): Promise<AlertInstance[]> {
  const [own, others] = await Promise.all([
    prometheus.alerts(signal),
    Promise.all(rulers.map((ruler) => settled(ruler.part, ruler.alerts(signal), signal))),
  ]);
  return new MergedAlerts().merge([own, ...others.flatMap(({ value }) => (value ? [value] : []))]);
}

/**
 * The alerts of several evaluators as one list. What two tell is the first one's for good: that the other tells it a
 * moment longer, with labels of its own, is no alert that comes again.
 */
export class MergedAlerts {
  readonly #ever: Map<string, AlertInstance>[] = [];

  /** `told`: a list for each evaluator, always in the same order. */
  merge(told: readonly (readonly AlertInstance[])[]): AlertInstance[] {
    for (const [at, alerts] of told.entries()) {
      const known = this.#ever[at] ?? new Map<string, AlertInstance>();
      this.#ever[at] = known;
      for (const alert of alerts) known.set(JSON.stringify([alert.name, alert.labels]), alert);
    }
    return told.flatMap((alerts, at) => {
      const others = this.#ever.slice(0, at).flatMap((known) => [...known.values()]);
      return alerts.filter((alert) => !others.some((one) => isSame(one, alert)));
    });
  }
}

/** One may have labels that the other's evaluator adds (Prometheus' external labels). */
function isSame(one: AlertInstance, other: AlertInstance): boolean {
  const within = (part: AlertInstance, whole: AlertInstance) =>
    Object.entries(part.labels).every(([label, value]) => whole.labels[label] === value);
  return one.name === other.name && (within(one, other) || within(other, one));
}

function merged<Rule extends Pick<AlertRule, 'name' | 'query'>>(told: readonly (readonly Rule[])[]): Rule[] {
  const known = new Set<string>();
  return told.flatMap((rules) => {
    const fresh = rules.filter((rule) => !known.has(keyOf(rule)));
    for (const rule of fresh) known.add(keyOf(rule));
    return fresh;
  });
}

function keyOf({ name, query }: Pick<AlertRule, 'name' | 'query'>): string {
  return JSON.stringify([name, query.replace(/\s+/g, '')]);
}

async function settled<T>(
  part: string,
  asking: Promise<T>,
  signal: AbortSignal | undefined,
): Promise<{ value?: T; silent?: SilentRuler }> {
  try {
    return { value: await asking };
  } catch (why) {
    signal?.throwIfAborted();
    return { silent: { part, why } };
  }
}
