import type { SandboxClock } from '../../../src/sandbox/api.ts';

export interface ManualClock extends SandboxClock {
  /** Lets `ms` pass: every timer that is due fires in its turn, with the clock at its time. */
  advance(ms: number): void;
}

/** A clock that stands still until it is told. */
export function manualClock(start = Date.parse('2026-01-01T00:00:00Z')): ManualClock {
  let now = start;
  let sequence = 0;
  const timers = new Map<number, { at: number; action: () => void }>();
  const plan = (at: number, action: () => void) => {
    const id = sequence++;
    timers.set(id, { at, action });
    return id;
  };
  return {
    now: () => now,
    setTimeout(action, ms) {
      const id = plan(now + ms, action);
      return () => timers.delete(id);
    },
    setInterval(action, ms) {
      let id = 0;
      const tick = () => {
        id = plan(now + ms, tick);
        action();
      };
      id = plan(now + ms, tick);
      return () => timers.delete(id);
    },
    advance(ms) {
      const end = now + ms;
      for (;;) {
        const due = [...timers]
          .filter(([, { at }]) => at <= end)
          .sort((a, b) => a[1].at - b[1].at || a[0] - b[0])[0];
        if (!due) break;
        const [id, { at, action }] = due;
        timers.delete(id);
        now = Math.max(now, at);
        action();
      }
      now = end;
    },
  };
}
