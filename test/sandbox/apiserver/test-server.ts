/** A real API server on a free port, with a kubeconfig of each of its users. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { SandboxClock } from '../../../src/sandbox/api.ts';
import { createApi, type LocalApi } from '../../../src/sandbox/apiserver/api.ts';
import { createCertificates } from '../../../src/sandbox/apiserver/certificates.ts';
import { type ApiServerOptions, startApiServer } from '../../../src/sandbox/apiserver/http/server.ts';

export const realClock: SandboxClock = {
  now: () => Date.now(),
  setTimeout: (action, ms) => {
    const timer = setTimeout(action, ms);
    return () => clearTimeout(timer);
  },
  setInterval: (action, ms) => {
    const timer = setInterval(action, ms);
    return () => clearInterval(timer);
  },
};

export interface TestServer {
  api: LocalApi;
  url: string;
  caPem: string;
  /** Of cluster-admin. */
  kubeconfig: string;
  responderKubeconfig: string;
  folder: string;
  /** Errors of the server that are no answers to a client's mistake. */
  faults: unknown[];
  close(): Promise<void>;
}

export const adminToken = 'admin-token';
export const responderToken = 'responder-token';

export async function startTestServer(more: Partial<ApiServerOptions> = {}): Promise<TestServer> {
  const certificates = await createCertificates();
  const api = createApi({ clock: realClock, caPem: certificates.caPem });
  const faults: unknown[] = [];
  const server = await startApiServer({
    api,
    clock: realClock,
    certificates,
    tokens: new Map([
      [adminToken, { name: 'kubernetes-admin', groups: ['system:masters'] }],
      [responderToken, { name: 'responder', groups: ['oncall'] }],
    ]),
    report: (error) => faults.push(error),
    ...more,
  });
  const folder = mkdtempSync(join(tmpdir(), 'apiserver-'));
  const write = (name: string, token: string) => {
    const path = join(folder, name);
    writeFileSync(path, kubeconfig(server.url, server.caPem, token), { mode: 0o600 });
    return path;
  };
  return {
    api,
    url: server.url,
    caPem: server.caPem,
    kubeconfig: write('admin.kubeconfig', adminToken),
    responderKubeconfig: write('responder.kubeconfig', responderToken),
    folder,
    faults,
    async close() {
      await server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function kubeconfig(server: string, caPem: string, token: string): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 'staging',
        cluster: { server, 'certificate-authority-data': Buffer.from(caPem).toString('base64') },
      },
    ],
    users: [{ name: 'user', user: { token } }],
    contexts: [{ name: 'staging', context: { cluster: 'staging', user: 'user', namespace: 'default' } }],
    'current-context': 'staging',
  });
}
