import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runnerAccount } from '../../../src/fault/types/kill/kill.ts';
import { podsOf } from '../../../src/fault/types/kill/pods.ts';
import { packageRoot } from '../../../src/paths.ts';
import { type ControlPlane, startControlPlane } from '../control-plane.ts';

const checkout = { kind: 'deployment', group: 'apps', namespace: 'shop', name: 'checkout' };
const disguise = { name: 'cache-warmup', namespace: 'batch', mesh: 'hidden' as const };
let plane: ControlPlane;
let program: string;
let account: string;

beforeAll(async () => {
  plane = await startControlPlane();
  const { folder, caPem } = plane.server;
  program = join(folder, 'pod-runner.cjs');
  await build({
    entryPoints: [join(packageRoot, 'src/fault/types/kill/runner.ts')],
    outfile: program,
    ...{ bundle: true, platform: 'node', format: 'cjs', target: 'node20', absWorkingDir: packageRoot },
  });
  account = join(folder, 'account');
  mkdirSync(account);
  writeFileSync(join(account, 'ca.crt'), caPem);
  writeFileSync(join(account, 'token'), 'limited-token');
  // The same Role as in a cluster, for the user whose token it has here.
  const [, role, binding] = runnerAccount(disguise, 'shop');
  await plane.cluster.create(role!);
  const subjects = [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'limited' }];
  await plane.cluster.create({ ...binding!, subjects });
});
afterAll(() => plane.close());

it('kills as many pods of the workload as often as it is told, with no more rights than its Role gives', async () => {
  const uids = async () =>
    (await podsOf((await plane.cluster.get(checkout))!, plane.cluster)).map(({ metadata }) => metadata.uid);
  const before = await uids();
  const { hostname, port } = new URL(plane.server.url);
  const child = spawn(process.execPath, [program], {
    env: {
      ...{ ACCOUNT_FOLDER: account, KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port },
      ...{
        KIND: 'Deployment',
        NAME: 'checkout',
        NAMESPACE: 'shop',
        SELECTOR: 'app.kubernetes.io/name=checkout',
      },
      ...{ HOW: '{"percent":50}', EVERY_MS: '1000', TIMES: '3', GRACE_SECONDS: '0' },
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  const [code] = await once(child, 'exit');
  const lines = output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { msg: string; turn: number; error?: string });
  expect([code, lines.map(({ msg, turn, error }) => [msg, turn, error])]).toEqual([
    0,
    [1, 2, 3].map((turn) => ['removed', turn, undefined]),
  ]);
  expect(await uids()).not.toEqual(before);
  expect(output).not.toMatch(/misfortune|chaos|kill|fault/i);
});
