import { randomUUID } from 'node:crypto';
import type { Duplex } from 'node:stream';
import type { Network } from '../../api.ts';
import type { PodWorker } from '../pod/pod.ts';

/**
 * Connects to what listens in the pod, on its loopback address too; no policy is asked, since it comes from within.
 * Only listeners of the pod can be reached, never a port of the host. Errors are containerd's.
 */
export async function portForward(
  worker: PodWorker | undefined,
  port: number,
  network: Network,
): Promise<Duplex> {
  if (!worker || ![...worker.containers.values()].some(({ process }) => process)) {
    throw new Error('failed to execute portforward: sandbox container is not running');
  }
  try {
    return await network.connect('localhost', port, worker.podIP);
  } catch {
    throw new Error(
      `failed to execute portforward in network namespace "/var/run/netns/cni-${randomUUID()}": ` +
        `failed to connect to localhost:${port} inside namespace, IPv4: dial tcp4 127.0.0.1:${port}: connect: connection refused IPv6 dial tcp6: address localhost: no suitable address found`,
    );
  }
}
