import type { SandboxClock } from './api.ts';

/** The last time that was given out, by clock: all who write Events share it. */
const lastNanos = new WeakMap<SandboxClock, bigint>();

/**
 * client-go names an Event after its object and the time in nanoseconds, in hex. kubectl lists Events of one
 * second by name, so names grow with time, whoever writes them.
 */
export function eventName(clock: SandboxClock, object: string): string {
  const now = BigInt(Math.floor(clock.now())) * 1_000_000n;
  const last = lastNanos.get(clock) ?? 0n;
  const nanos = now > last ? now : last + 1n;
  lastNanos.set(clock, nanos);
  return `${object}.${nanos.toString(16)}`;
}
