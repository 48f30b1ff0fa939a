import { writeFileSync } from 'node:fs';
import { stringify } from 'yaml';

export interface KubeconfigOptions {
  context: string;
  server: string;
  caPem: string;
  user: string;
  token: string;
  /** Namespace of commands that name none. */
  namespace?: string;
}

/** Writes a kubeconfig that only its owner can read. */
export function writeKubeconfig(path: string, options: KubeconfigOptions): void {
  const { context, server, caPem, user, token, namespace } = options;
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: context,
        cluster: { server, 'certificate-authority-data': Buffer.from(caPem).toString('base64') },
      },
    ],
    users: [{ name: user, user: { token } }],
    contexts: [{ name: context, context: { cluster: context, user, ...(namespace && { namespace }) } }],
    'current-context': context,
  };
  writeFileSync(path, stringify(config), { mode: 0o600 });
}
