import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import type { V1PodStatus } from '@kubernetes/client-node';
import { print, runProgram, STOPPED_EXIT_CODE } from '../shared/program.ts';
import { chooseSome, type HowMany, isOf } from './choose.ts';

// Runs alone in a container, with a ServiceAccount that may list and delete pods of one namespace. Its texts can be
// read by anybody who looks at the pod, so they name what it does and not what for.

/** Where a pod finds its ServiceAccount; elsewhere where it is tried without one. */
const mounted = process.env.ACCOUNT_FOLDER ?? '/var/run/secrets/kubernetes.io/serviceaccount';

interface Pod {
  metadata: Parameters<typeof isOf>[0]['metadata'];
  status?: V1PodStatus;
}

async function main(): Promise<number> {
  const { KIND = '', NAME = '', NAMESPACE = '', SELECTOR = '', HOW = '"one"' } = process.env;
  const [every, times, grace] = ['EVERY_MS', 'TIMES', 'GRACE_SECONDS'].map((name) =>
    Number(process.env[name]),
  );
  const how = JSON.parse(HOW) as HowMany;
  const pods = `/api/v1/namespaces/${NAMESPACE}/pods`;
  for (let turn = 1; turn <= times!; turn += 1) {
    try {
      const { items } = await ask<{ items: Pod[] }>(
        'GET',
        `${pods}?labelSelector=${encodeURIComponent(SELECTOR)}`,
      );
      const own = items.filter((pod) => isOf(pod, { kind: KIND, name: NAME }));
      for (const { metadata } of chooseSome(own, how, Math.random)) {
        const body = { gracePeriodSeconds: grace, preconditions: { uid: metadata.uid } };
        await ask('DELETE', `${pods}/${metadata.name}`, body);
        print('removed', { pod: metadata.name, turn });
      }
    } catch (error) {
      // The next turn comes anyway.
      print('failed', { turn, error: error instanceof Error ? error.message : String(error) });
    }
    if (turn < times!) await sleep(every);
  }
  return 0;
}

/** The token is read anew each time: mounted ones are renewed. */
function ask<T>(method: string, path: string, body?: object): Promise<T> {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = '443' } = process.env;
  const read = (name: string) => readFileSync(`${mounted}/${name}`, 'utf8').trim();
  const text = body && JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const options = {
      ...{ method, host, port, path, ca: read('ca.crt'), timeout: 10_000 },
      headers: {
        authorization: `Bearer ${read('token')}`,
        accept: 'application/json',
        ...(text && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
      },
    };
    const sent = request(options, (response) => {
      let answer = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        answer += chunk;
      });
      response.on('error', reject);
      response.on('end', () => {
        const { statusCode = 0 } = response;
        // Gone already, or another pod has its name now.
        if (statusCode < 300 || (method === 'DELETE' && [404, 409].includes(statusCode)))
          resolve(JSON.parse(answer || '{}') as T);
        else reject(new Error(`${method} ${path}: ${statusCode} ${answer.slice(0, 200)}`));
      });
    });
    sent.on('timeout', () => sent.destroy(new Error(`${method} ${path}: no answer`)));
    sent.on('error', reject);
    sent.end(text);
  });
}

for (const name of ['SIGTERM', 'SIGINT'] as const) process.on(name, () => process.exit(STOPPED_EXIT_CODE));
runProgram(main);
