/**
 * A first-in, first-out queue in front of a CPU share: `limitCores` seconds of CPU are done each second, as
 * a container's CPU limit allows. Work is really burnt, or only timed, so that a laptop stays idle.
 */
export interface Compute {
  /** Resolves when `cpuSeconds` of work were done; undefined if the queue is too long to accept it. */
  run(cpuSeconds: number): Promise<void> | undefined;
  /** Jobs accepted and not done. */
  queued(): number;
  /** Seconds that a job accepted now would wait for its turn. */
  waitSeconds(): number;
  /** CPU seconds accounted for without being burnt: 0 in burn mode. */
  virtualSeconds(): number;
  /** Periods of the kernel's quota (100 ms) that were used up whole; undefined where the kernel itself counts. */
  throttledPeriods(): number | undefined;
}

export interface ComputeOptions {
  limitCores: number;
  /** A job that would have to wait longer than this is not accepted. */
  maxWaitSeconds: number;
}

export function createCompute(mode: 'simulated' | 'burn', options: ComputeOptions): Compute {
  return mode === 'simulated' ? simulated(options) : burning(options);
}

/** One timer for many answers: idle wake-ups cost a laptop more than 2 ms cost a request. */
const TICK_MS = 2;

/** A period of the kernel's CPU quota, cpu.cfs_period_us. */
const QUOTA_PERIOD_MS = 100;

/** Whole periods between two times. */
function wholePeriods(from: number, to: number): number {
  return Math.max(0, Math.floor(to / QUOTA_PERIOD_MS) - Math.ceil(from / QUOTA_PERIOD_MS));
}

/** Each job's end is known when it is accepted: the end of the one before it plus its own time. */
function simulated({ limitCores, maxWaitSeconds }: ComputeOptions): Compute {
  let jobs: { dueAt: number; done: () => void }[] = [];
  let busyUntil = performance.now();
  /** Since when there has been work without a pause, and the periods of quota used up before that. */
  let busySince = busyUntil;
  let throttled = 0;
  let accepted = 0;
  let timer: NodeJS.Timeout | undefined;

  const flush = () => {
    timer = undefined;
    const now = performance.now();
    const waiting = jobs.findIndex((job) => job.dueAt > now);
    const due = waiting === -1 ? jobs : jobs.slice(0, waiting);
    jobs = waiting === -1 ? [] : jobs.slice(waiting);
    for (const job of due) job.done();
    arm(now);
  };
  const arm = (now: number) => {
    const first = jobs[0];
    if (first && !timer) timer = setTimeout(flush, Math.max(TICK_MS, first.dueAt - now));
  };
  const waitSeconds = () => Math.max(0, busyUntil - performance.now()) / 1000;

  return {
    run(cpuSeconds) {
      if (waitSeconds() > maxWaitSeconds) return undefined;
      const now = performance.now();
      if (busyUntil < now) {
        throttled += wholePeriods(busySince, busyUntil);
        busySince = now;
      }
      busyUntil = Math.max(now, busyUntil) + (cpuSeconds / limitCores) * 1000;
      accepted += cpuSeconds;
      return new Promise((done) => {
        jobs.push({ dueAt: busyUntil, done });
        arm(now);
      });
    },
    queued: () => jobs.length,
    waitSeconds,
    virtualSeconds: () => accepted - waitSeconds() * limitCores,
    // One thread cannot use up the quota of a whole core.
    throttledPeriods: () =>
      limitCores < 1 ? throttled + wholePeriods(busySince, Math.min(busyUntil, performance.now())) : 0,
  };
}

/** Burns CPU time of this process, one job after the other; the kernel's quota slows it down to the limit. */
function burning({ limitCores, maxWaitSeconds }: ComputeOptions): Compute {
  const jobs: { cpuSeconds: number; done: () => void }[] = [];
  let backlogSeconds = 0;
  let running = false;

  const next = () => {
    const job = jobs.shift();
    running = job !== undefined;
    if (!job) return;
    const before = process.cpuUsage();
    let spent = 0;
    while (spent < job.cpuSeconds) {
      const { user, system } = process.cpuUsage(before);
      spent = (user + system) / 1e6;
    }
    backlogSeconds -= job.cpuSeconds;
    job.done();
    setImmediate(next);
  };
  const waitSeconds = () => Math.max(0, backlogSeconds) / limitCores;

  return {
    run(cpuSeconds) {
      if (waitSeconds() > maxWaitSeconds) return undefined;
      backlogSeconds += cpuSeconds;
      return new Promise((done) => {
        jobs.push({ cpuSeconds, done });
        if (running) return;
        running = true;
        setImmediate(next);
      });
    },
    queued: () => jobs.length,
    waitSeconds,
    virtualSeconds: () => 0,
    throttledPeriods: () => undefined,
  };
}
