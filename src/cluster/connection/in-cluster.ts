import { readFile } from 'node:fs/promises';
import https from 'node:https';
import { join } from 'node:path';
import { realClock } from '../../clock.ts';
import { exitCodes, MisfortuneError } from '../../errors.ts';
import type { Cluster } from '../cluster.ts';
import { KubeCluster } from './client.ts';
import type { Credentials } from './credentials.ts';

/** Where a pod finds its ServiceAccount. */
const mounted = '/var/run/secrets/kubernetes.io/serviceaccount';

/** Tokens that are mounted are renewed long before they expire: https://kubernetes.io/docs/concepts/storage/projected-volumes/ */
const freshMs = 30_000;

/**
 * The cluster that this pod is in, with its own ServiceAccount, and without client-node: a program with this fits a
 * ConfigMap. Throws MisfortuneError `no-credentials` outside of a pod.
 */
export async function connectInCluster(env: NodeJS.ProcessEnv = process.env): Promise<Cluster> {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = '443' } = env;
  if (!host)
    throw new MisfortuneError(
      'no-credentials',
      'Expected to run in a pod: KUBERNETES_SERVICE_HOST is not set.',
      {
        exitCode: exitCodes.usage,
      },
    );
  const read = async (name: string) => (await readFile(join(mounted, name), 'utf8')).trim();
  // A node that is short of CPU makes each handshake dear: few connections, and patience.
  const agent = new https.Agent({
    keepAlive: true,
    ca: await read('ca.crt'),
    timeout: 4_000,
    maxSockets: 4,
  });
  let token = { text: '', until: 0 };
  const credentials: Credentials = {
    context: 'in-cluster',
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    namespace: await read('namespace'),
    async use(renew) {
      if (renew || performance.now() >= token.until)
        token = { text: await read('token'), until: performance.now() + freshMs };
      return { headers: { authorization: `Bearer ${token.text}` }, agent };
    },
    close: () => agent.destroy(),
  };
  return new KubeCluster(credentials, { connect: 15_000, request: 20_000 }, realClock);
}
