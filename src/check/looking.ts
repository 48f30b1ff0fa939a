import { selectorsOf } from '../signal/selectors.ts';
import type { Prometheus } from '../signal/series.ts';

/** Scrapes or evaluations that may be missing before Prometheus counts as not looking. */
const missed = 4;
/** Added to that, seconds: a scrape takes its time. */
const slack = 10;

/**
 * Why an answer without series tells nothing, or undefined if Prometheus looks. That nothing is there is only known while
 * the targets are scraped and the rules are evaluated: a Prometheus that was just restarted, lost its targets or answers
 * from an empty store has no series either.
 */
export async function whyNotLooking(
  query: string,
  prometheus: Prometheus,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const now = (await prometheus.query('time()', { signal }))[0]?.value;
  if (now === undefined) return 'Prometheus does not even answer time()';
  const selectors = selectorsOf(query);
  return (
    (await whyTargetsSilent(prometheus, selectors, signal)) ??
    (await whyRulesSilent(prometheus, selectors, now, signal))
  );
}

async function whyTargetsSilent(
  prometheus: Prometheus,
  selectors: readonly string[],
  signal?: AbortSignal,
): Promise<string | undefined> {
  const [ages, counts] = await Promise.all([
    prometheus.query('time() - timestamp(up)', { signal }),
    prometheus.query('count_over_time(up[5m])', { signal }),
  ]);
  if (ages.length === 0) return 'Prometheus scrapes nothing (no series "up")';
  // 300 s hold so many scrapes; since Prometheus began there may be fewer, which only makes this more patient.
  const interval = 300 / Math.max(1, ...counts.map(({ value }) => value));
  const age = Math.min(...ages.map(({ value }) => value));
  if (age > missed * interval + slack) return `the last scrape was ${Math.round(age)} s ago`;
  const silent = await Promise.all(selectors.map((selector) => silentTargets(prometheus, selector, signal)));
  return silent.find((reason) => reason !== undefined);
}

/** Whether none of the targets that gave a metric in the last hour is up now: what is not scraped cannot be seen. */
async function silentTargets(
  prometheus: Prometheus,
  selector: string,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const metric = /^[A-Za-z_:][\w:]*/.exec(selector)?.[0];
  if (metric === undefined || metric === 'up' || /^ALERTS/.test(metric)) return undefined;
  const gave = await prometheus.query(`group by (job, instance) (last_over_time(${metric}[1h]))`, { signal });
  const targets = gave.filter(({ labels }) => labels.job !== undefined && labels.instance !== undefined);
  if (targets.length === 0) return undefined;
  const up = await prometheus.query('up == 1', { signal });
  const alive = new Set(up.map(({ labels }) => `${labels.job} ${labels.instance}`));
  if (targets.some(({ labels }) => alive.has(`${labels.job} ${labels.instance}`))) return undefined;
  return `no target that gives ${metric} is up`;
}

/** Whether the rules that make what is asked for (an alert, a recorded metric) are there and were evaluated lately. */
async function whyRulesSilent(
  prometheus: Prometheus,
  selectors: readonly string[],
  now: number,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const alerts = selectors.flatMap((selector) => {
    return /^ALERTS/.test(selector) ? (/alertname\s*=\s*["'`]([^"'`]*)["'`]/.exec(selector)?.[1] ?? []) : [];
  });
  const recorded = selectors.flatMap((selector) => /^[A-Za-z_][\w:]*:[\w:]*/.exec(selector)?.[0] ?? []);
  if (alerts.length + recorded.length === 0) return undefined;
  const rules = await prometheus.rules(signal);
  const reasons = [
    ...alerts.map((name) => {
      return ruleSilent(
        `alert ${name}`,
        rules.alerting.filter((rule) => rule.name === name),
        now,
      );
    }),
    ...recorded.map((name) => {
      const makers = rules.recording.filter((rule) => rule.name === name);
      // A recorded metric may come from elsewhere (federation, remote write); an alert cannot.
      return makers.length === 0 ? undefined : ruleSilent(`rule ${name}`, makers, now);
    }),
  ];
  return reasons.find((reason) => reason !== undefined);
}

interface Evaluated {
  health: 'ok' | 'err' | 'unknown';
  interval?: number;
  lastEvaluation?: number;
}

function ruleSilent(what: string, rules: readonly Evaluated[], now: number): string | undefined {
  if (rules.length === 0) return `there is no ${what}`;
  const reasons = rules.map(({ health, interval = 60, lastEvaluation }) => {
    if (health === 'err') return `${what} cannot be evaluated`;
    if (lastEvaluation === undefined) return undefined;
    const age = now - lastEvaluation / 1000;
    if (age <= missed * interval + slack) return undefined;
    return lastEvaluation <= 0
      ? `${what} was not evaluated yet`
      : `${what} was last evaluated ${Math.round(age)} s ago`;
  });
  return reasons.every((reason) => reason !== undefined) ? reasons[0] : undefined;
}
