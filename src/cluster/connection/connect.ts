import { type Clock, realClock } from '../../clock.ts';
import type { Cluster } from '../cluster.ts';
import { KubeCluster } from './client.ts';
import { loadCredentials } from './credentials.ts';
import type { Timeouts } from './transport.ts';

/** A handshake takes CPU on both sides: a machine that is busy starting pods needs seconds for it. */
const defaultTimeouts: Timeouts = { connect: 10_000, request: 10_000 };

/**
 * Connects to a context of a kubeconfig (default: as kubectl finds them) and asks the server for its kinds, so
 * that a wrong address or expired credentials show here. Throws MisfortuneError (`no-kubeconfig`,
 * `unknown-context`) and ClusterError (`cluster-unreachable`, `unauthorised`, `not-kubernetes` …).
 */
export async function connect(
  options: {
    kubeconfig?: string;
    context?: string;
    signal?: AbortSignal;
    timeouts?: Partial<Timeouts>;
    clock?: Clock;
  } = {},
): Promise<Cluster> {
  const credentials = await loadCredentials(options);
  const timeouts = { ...defaultTimeouts, ...options.timeouts };
  const cluster = new KubeCluster(credentials, timeouts, options.clock ?? realClock);
  try {
    await cluster.kind({ kind: 'pods' });
    options.signal?.throwIfAborted();
  } catch (error) {
    cluster.close();
    throw error;
  }
  return cluster;
}
