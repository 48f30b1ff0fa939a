/** A responder whose kubeconfig has an exec plug-in, as the clouds' do: its tokens are good for a short while. */
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { realClock } from '../../../src/clock.ts';
import { connect } from '../../../src/cluster/connection/connect.ts';
import { loadCredentials } from '../../../src/cluster/connection/credentials.ts';
import { findPost, postClient } from '../../../src/game/mailbox/client.ts';
import { openMailbox } from '../../../src/game/mailbox/serve.ts';
import { Health } from '../../../src/game/watch/poll.ts';
import { openLog } from '../../../src/log/log.ts';
import { startRecorder } from '../../../src/recorder/recorder.ts';
import { kubectlVersions, runKubectl } from '../../kubectl.ts';
import { adminToken, startTestServer, type TestServer } from '../../sandbox/apiserver/test-server.ts';

const namespace = 'maintenance';
const [kubectl] = kubectlVersions();
const tokens = new Map([[adminToken, { name: 'kubernetes-admin', groups: ['system:masters'] }]]);
const responder = { name: 'responder', groups: ['system:masters'] };

let server: TestServer;
let folder: string;
let kubeconfig: string;
let turn = 0;
/** From now on the server knows this token only, and the plug-in gives it. */
function rotate(): void {
  tokens.delete(`token-${turn}`);
  turn += 1;
  tokens.set(`token-${turn}`, responder);
  writeFileSync(join(folder, 'token'), `token-${turn}`);
}

beforeAll(async () => {
  server = await startTestServer({ tokens });
  folder = mkdtempSync(join(tmpdir(), 'plugin-'));
  if (!server.api.get('namespaces', undefined, namespace))
    server.api.create('namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  rotate();
  const plugin = join(folder, 'plugin.sh');
  const credential = `{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"%s"}}`;
  writeFileSync(plugin, `#!/bin/sh\nprintf '${credential}' "$(cat '${folder}/token')"\n`);
  chmodSync(plugin, 0o700);
  const config = parse(readFileSync(server.kubeconfig, 'utf8'));
  const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: plugin, interactiveMode: 'Never' };
  config.users[0].user = { exec };
  kubeconfig = join(folder, 'kubeconfig');
  writeFileSync(kubeconfig, stringify(config), { mode: 0o600 });
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

describe('a responder whose tokens expire while they play', () => {
  it('notices nothing of it: neither kubectl nor what is said to the game is refused', async () => {
    const log = openLog(join(folder, 'log.jsonl'), realClock);
    const master = await connect({ kubeconfig: server.kubeconfig });
    const kept: string[] = [];
    const mailbox = await openMailbox({
      cluster: master,
      namespace,
      clock: realClock,
      health: new Health(log, realClock),
      answer: async ({ path }) => {
        kept.push(path);
        return { status: 204, body: '' };
      },
    });
    const cluster = await connect({ kubeconfig });
    const client = postClient(await findPost({ cluster, namespace, clock: realClock }));
    const recorder = await startRecorder({
      credentials: await loadCredentials({ kubeconfig }),
      monitoring: {},
      sink: client,
      who: 'alex',
      clock: realClock,
      folder: join(folder, 'recorder'),
    });
    const run = async (...args: string[]) => {
      const { exitCode, stderr } = await runKubectl(args, {
        kubeconfig: recorder.kubeconfig,
        path: kubectl!.path,
      });
      expect(exitCode, stderr).toBe(0);
    };
    await run('get', 'namespaces');
    rotate();
    await run('get', 'namespaces');
    rotate();
    await run('-n', namespace, 'create', 'configmap', 'made', '--from-literal=a=1');
    rotate();
    await run('-n', namespace, 'patch', 'configmap', 'made', '--type=merge', '-p', '{"data":{"a":"2"}}');
    rotate();
    await run('-n', namespace, 'delete', 'configmap', 'made');
    expect(kept.filter((path) => path === '/preimages').length).toBeGreaterThanOrEqual(4);
    await recorder.close();
    await mailbox.close();
    cluster.close();
    master.close();
    log.close();
  });
});
