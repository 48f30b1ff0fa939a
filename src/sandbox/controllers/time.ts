import type { SandboxClock } from '../api.ts';

/** Now as Kubernetes writes a Time: RFC 3339 to the second, in UTC. */
export function timestamp(clock: SandboxClock): string {
  return `${new Date(clock.now()).toISOString().slice(0, 19)}Z`;
}

/** Now as Kubernetes writes a MicroTime: six decimals. */
export function microTimestamp(clock: SandboxClock): string {
  return `${new Date(clock.now()).toISOString().slice(0, 23)}000Z`;
}

/** Milliseconds since epoch of an RFC 3339 time; NaN if there is none. */
export function millis(time: string | undefined): number {
  return time === undefined ? Number.NaN : Date.parse(time);
}
