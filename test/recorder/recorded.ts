import { readFileSync } from 'node:fs';
import https from 'node:https';
import { join } from 'node:path';
import { parse } from 'yaml';
import { realClock } from '../../src/clock.ts';
import { loadCredentials } from '../../src/cluster/connection/credentials.ts';
import type { Action, Preimage } from '../../src/recorder/action.ts';
import { type Recorder, startRecorder } from '../../src/recorder/recorder.ts';
import type { TestServer } from '../sandbox/apiserver/test-server.ts';

/** A recorder before a control plane, with what it handed on. */
export interface Recorded {
  recorder: Recorder;
  actions: Map<string, Action>;
  preimages: Preimage[];
  /** A request of a client that is not kubectl; the body of a write is a merge patch. */
  send(method: string, path: string, body?: unknown): Promise<number>;
}

export async function startRecorded(
  server: TestServer,
  kubeconfig = server.kubeconfig,
  folder = 'recorder',
): Promise<Recorded> {
  const actions = new Map<string, Action>();
  const preimages: Preimage[] = [];
  const recorder = await startRecorder({
    credentials: await loadCredentials({ kubeconfig }),
    namespace: 'shop',
    monitoring: {},
    who: 'alex',
    clock: realClock,
    folder: join(server.folder, folder),
    sink: {
      actions: async (batch) => {
        for (const action of batch) actions.set(action.id, action);
      },
      preimages: async (batch) => void preimages.push(...batch),
    },
  });
  return { recorder, actions, preimages, send: client(recorder.kubeconfig) };
}

function client(kubeconfig: string): Recorded['send'] {
  const { clusters, users } = parse(readFileSync(kubeconfig, 'utf8')) as {
    clusters: { cluster: { server: string; 'certificate-authority-data': string } }[];
    users: { user: { token: string } }[];
  };
  const { server, 'certificate-authority-data': ca } = clusters[0]!.cluster;
  return (method, path, body) =>
    new Promise((resolve, reject) => {
      const text = body === undefined ? '' : JSON.stringify(body);
      const request = https.request(
        `${server}${path}`,
        {
          method,
          ca: Buffer.from(ca, 'base64'),
          headers: {
            authorization: `Bearer ${users[0]!.user.token}`,
            'user-agent': 'deployer/1.0',
            'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json',
          },
          agent: false,
        },
        (response) => {
          response.resume();
          response.on('end', () => resolve(response.statusCode ?? 0));
        },
      );
      request.on('error', reject);
      request.end(text);
    });
}

/** A Deployment that nothing runs: there is no controller. */
export function deployment(name: string) {
  const labels = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'shop', labels },
    spec: {
      replicas: 2,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { containers: [{ name: 'app', image: 'shop:1' }] },
      },
    },
  };
}

export function pod(name: string, app: string) {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'shop', labels: { app } },
    spec: { containers: [{ name: 'app', image: 'shop:1' }] },
  };
}

export function namespace(name: string) {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
}
