import { createHistogram } from 'node:perf_hooks';

/** When each request is due, in milliseconds from the start; fixed before the first is sent. */
export interface Schedule {
  perSecond: number;
  durationSeconds: number;
  /** The rate rises in a straight line from 0 during these first seconds. */
  rampSeconds: number;
}

/** The due time of request `index` (0, 1, …): the inverse of the integral of the rate. */
export function dueMs({ perSecond, rampSeconds }: Schedule, index: number): number {
  const inRamp = (perSecond * rampSeconds) / 2;
  if (index < inRamp) return Math.sqrt((2 * rampSeconds * index) / perSecond) * 1000;
  return (rampSeconds + (index - inRamp) / perSecond) * 1000;
}

/** Milliseconds. */
interface Quantiles {
  p50: number;
  p95: number;
  p99: number;
  max: number;
}

export interface OpenLoopSummary {
  /** Requests that were due. sent + unsent = due. */
  due: number;
  sent: number;
  /** Not sent because as many as allowed were under way. */
  unsent: number;
  answered: number;
  failed: number;
  pending: number;
  /** Answers by status code, failures by the error's code. */
  outcomes: Record<string, number>;
  /** From the moment a request was due to its answer: a late sender can't hide a slow server. */
  latencyMs: Quantiles;
  /** How late requests were sent. */
  lateMs: Quantiles;
  seconds: number;
}

export interface OpenLoopOptions extends Schedule {
  maxInFlight: number;
  /** Sends one request; resolves to its status code, rejects with an error that has a `code`. */
  send(): Promise<number>;
  /** Ends it early: what is under way counts as pending. */
  signal: AbortSignal;
  /** Longest time to wait for answers after the last request. */
  graceMs: number;
}

export interface OpenLoop {
  finished: Promise<OpenLoopSummary>;
  summary(): OpenLoopSummary;
}

/** Histograms hold whole microseconds. */
const MICROS = 1000;

/** Sends on schedule, whatever the answers do. */
export function startOpenLoop(options: OpenLoopOptions): OpenLoop {
  const { maxInFlight, durationSeconds, signal, graceMs } = options;
  const latency = createHistogram();
  const late = createHistogram();
  const outcomes: Record<string, number> = {};
  const startedAt = performance.now();
  let [next, sent, unsent, answered, failed] = [0, 0, 0, 0, 0];
  let timer: NodeJS.Timeout | undefined;
  let settle: () => void = () => undefined;

  const summary = (): OpenLoopSummary => ({
    due: next,
    sent,
    unsent,
    answered,
    failed,
    pending: sent - answered - failed,
    outcomes: { ...outcomes },
    latencyMs: quantiles(latency),
    lateMs: quantiles(late),
    seconds: (performance.now() - startedAt) / 1000,
  });

  const sendOne = (dueAt: number) => {
    sent += 1;
    late.record(micros(performance.now() - dueAt));
    const note = (outcome: string) => {
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      latency.record(micros(performance.now() - dueAt));
      settle();
    };
    options.send().then(
      (status) => {
        answered += 1;
        note(String(status));
      },
      (error: NodeJS.ErrnoException) => {
        failed += 1;
        note(error.code ?? error.name);
      },
    );
  };

  const finished = new Promise<OpenLoopSummary>((resolve) => {
    let closing = false;
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve(summary());
    };
    settle = () => {
      if (closing && sent === answered + failed) end();
    };
    const tick = () => {
      const elapsed = performance.now() - startedAt;
      for (
        let due = dueMs(options, next);
        due <= elapsed && due < durationSeconds * 1000;
        due = dueMs(options, next)
      ) {
        next += 1;
        if (sent - answered - failed >= maxInFlight) unsent += 1;
        else sendOne(startedAt + due);
      }
      const due = dueMs(options, next);
      if (due < durationSeconds * 1000) timer = setTimeout(tick, Math.max(1, due - elapsed));
      else {
        closing = true;
        timer = setTimeout(end, graceMs);
        settle();
      }
    };
    signal.addEventListener('abort', end);
    if (signal.aborted) end();
    else tick();
  });
  return { finished, summary };
}

const micros = (ms: number): number => Math.max(1, Math.round(ms * MICROS));

function quantiles(histogram: ReturnType<typeof createHistogram>): Quantiles {
  if (histogram.count === 0) return { p50: 0, p95: 0, p99: 0, max: 0 };
  const at = (percentile: number) => histogram.percentile(percentile) / MICROS;
  return { p50: at(50), p95: at(95), p99: at(99), max: histogram.max / MICROS };
}
