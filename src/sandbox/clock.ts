import type { SandboxClock } from './api.ts';

/** Real time. Timers do not keep the process alive. */
export const realClock: SandboxClock = {
  now: () => Date.now(),
  setTimeout: (action, ms) => {
    const timer = setTimeout(action, Math.min(ms, LONGEST_MS));
    timer.unref();
    return () => clearTimeout(timer);
  },
  setInterval: (action, ms) => {
    const timer = setInterval(action, ms);
    timer.unref();
    return () => clearInterval(timer);
  },
};

/** Node fires longer timers at once. */
const LONGEST_MS = 2 ** 31 - 1;
