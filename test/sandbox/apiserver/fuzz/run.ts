/** Sends requests by chance and says which answers no API server should give. */
import { Agent, request } from 'node:https';
import type { KubeObject } from '../../../../src/sandbox/api.ts';
import { adminToken, type TestServer } from '../test-server.ts';
import { diceOf } from './dice.ts';
import { requestBy, type Sent } from './requests.ts';

/** A real server answers these with 500, too: recorded in test/fixtures/kubernetes-api, or by the same code as those. */
const asRecorded = [
  'resourceVersion should not be set on objects to be created',
  'does not contain declared merge key',
  'unknown patch type: ',
  'The order in patch list:',
  'failed to create typed patch object',
  'target.name: Required value',
  'strconv.ParseUint: parsing',
];

export interface Outcome {
  /** Status → how many answers had it. */
  statuses: Record<string, number>;
  /** One line a failure. */
  failures: string[];
  /** The longest time that one answer took, ms. */
  slowest: number;
}

interface Options {
  count: number;
  seed: number;
  /** Requests under way at a time. */
  atOnce?: number;
}

/** No answer within this is a failure, ms. */
const PATIENCE_MS = 10_000;

export async function fuzz(server: TestServer, { count, seed, atOnce = 8 }: Options): Promise<Outcome> {
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce, ca: server.caPem });
  const outcome: Outcome = { statuses: {}, failures: [], slowest: 0 };
  const dice = diceOf(seed);
  let sent = 0;
  const worker = async () => {
    while (sent < count && outcome.failures.length < 20) {
      const number = ++sent;
      const asked = requestBy(dice, 'fuzz');
      await ensureNamespace(server);
      const begin = performance.now();
      const answer = await send(server, agent, asked);
      const isWatch = asked.path.includes('watch=');
      if (!isWatch) outcome.slowest = Math.max(outcome.slowest, performance.now() - begin);
      const status = String(answer.status);
      outcome.statuses[status] = (outcome.statuses[status] ?? 0) + 1;
      const problem = problemOf(answer) ?? (server.faults.length > 0 ? 'a fault of ours' : undefined);
      if (!problem) continue;
      const faults = server.faults
        .splice(0)
        .map((fault) => (fault instanceof Error ? fault.stack : String(fault)));
      outcome.failures.push(
        `${seed}/${number} ${problem}: ${shown(asked)}\n  ${[answer.text, ...faults].join('\n  ').slice(0, 1200)}`,
      );
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  agent.destroy();
  return outcome;
}

/** What a request deleted comes back, else all later ones would find nothing. */
async function ensureNamespace({ api }: TestServer): Promise<void> {
  const found = api.get('namespaces', undefined, 'fuzz');
  if (found && !found.metadata.deletionTimestamp) return;
  if (found) {
    for (const resource of api.resources()) {
      for (const { metadata } of api.list(resource, { namespace: 'fuzz' })) {
        if (resource === 'namespaces' || !metadata.namespace) continue;
        api.update(resource, 'fuzz', metadata.name, withoutFinalizers);
        if (api.get(resource, 'fuzz', metadata.name)) {
          api.delete(resource, 'fuzz', metadata.name, { gracePeriodSeconds: 0 });
        }
      }
    }
    const emptied = (draft: KubeObject) => ({ ...withoutFinalizers(draft), spec: { finalizers: [] } });
    api.update('namespaces', undefined, 'fuzz', emptied, { subresource: 'finalize' });
    return;
  }
  api.create('namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'fuzz' } });
}

const withoutFinalizers = (draft: KubeObject): KubeObject => ({
  ...draft,
  metadata: { ...draft.metadata, finalizers: [] },
});

function problemOf({ status, text }: { status: number; text: string }): string | undefined {
  if (status === 0) return 'no answer';
  if (status < 500 || status === 503 || status === 504) return undefined;
  return asRecorded.some((part) => text.includes(part)) ? undefined : `answered ${status}`;
}

const shown = ({ method, path, headers, body }: Sent) =>
  `${method} ${path} ${JSON.stringify(headers)} ${body.toString('latin1').slice(0, 1500)}`;

function send(
  server: TestServer,
  agent: Agent,
  { method, path, headers, body }: Sent,
): Promise<{ status: number; text: string }> {
  const { hostname, port } = new URL(server.url);
  return new Promise((resolve) => {
    const asked = request(
      {
        agent,
        hostname,
        port,
        path,
        method,
        headers: { ...headers, authorization: `Bearer ${adminToken}`, 'content-length': body.length },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', (error) => resolve({ status: 0, text: String(error) }));
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }),
        );
      },
    );
    asked.setTimeout(PATIENCE_MS, () => asked.destroy(new Error(`no answer within ${PATIENCE_MS} ms`)));
    asked.on('error', (error) => resolve({ status: 0, text: String(error) }));
    asked.end(body);
  });
}
