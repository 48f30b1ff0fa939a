import { readFileSync, writeFileSync } from 'node:fs';
import type { Cluster } from '../../src/cluster/cluster.ts';
import { adminToken } from '../sandbox/apiserver/test-server.ts';

/** A ServiceAccount in the namespace `default`: what is bound to it is all it may do. */
export async function newServiceAccount(cluster: Cluster, name: string): Promise<void> {
  const metadata = { namespace: 'default', name };
  await cluster.create({ apiVersion: 'v1', kind: 'ServiceAccount', metadata });
}

/** Writes a kubeconfig with a new token of that account, like an admin's in all else. */
export async function kubeconfigOf(
  admins: string,
  cluster: Cluster,
  name: string,
  file: string,
): Promise<void> {
  const { body } = await cluster.raw(`/api/v1/namespaces/default/serviceaccounts/${name}/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} }),
  });
  const { token } = (JSON.parse(body) as { status: { token: string } }).status;
  writeFileSync(file, readFileSync(admins, 'utf8').replace(adminToken, token), { mode: 0o600 });
}
