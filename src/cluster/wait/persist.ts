import type { Clock } from '../../clock.ts';
import { ClusterError } from '../cluster-error.ts';

const attempts = 6;

/**
 * Carries a read-then-write through: `attempt` reads anew each time, so it can be repeated after a conflict,
 * a busy server, or a request whose outcome is not known. `undefined` from it means: look again.
 * Throws the last error when it does not get through.
 */
export async function persist<T>(
  { clock, signal }: { clock: Clock; signal?: AbortSignal },
  attempt: () => Promise<T | undefined>,
): Promise<T> {
  let last: unknown = new ClusterError('undecided', 'The API server gave no clear answer again and again.');
  for (let turn = 0; turn < attempts; turn += 1) {
    try {
      const result = await attempt();
      if (result !== undefined) return result;
    } catch (error) {
      if (!mayPass(error)) throw error;
      last = error;
    }
    signal?.throwIfAborted();
    await clock.sleep(100 * 2 ** turn, signal);
  }
  throw last;
}

/** Whether the same may succeed when it is tried again after reading anew. */
export function mayPass(error: unknown): boolean {
  if (!(error instanceof ClusterError)) return false;
  const { status, reason } = error;
  if (status === undefined) return ['cluster-unreachable', 'cluster-timeout'].includes(error.code);
  return status === 429 || status >= 500 || (status === 409 && reason !== 'AlreadyExists');
}
