import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { program } from '../../src/paths.ts';
import { type ControlPlane, startControlPlane } from '../fault/control-plane.ts';

let plane: ControlPlane;
beforeEach(async () => {
  plane = await startControlPlane({ empty: true });
});
afterEach(() => plane.close());

/** Runs `misfortune stack …` to its end, or until it is interrupted after its first line. */
async function stack(args: string[], interrupt = false) {
  const child = spawn(process.execPath, [program('cli.js'), 'stack', ...args], {
    cwd: plane.server.folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (interrupt) child.stderr.once('data', () => child.kill('SIGINT'));
  const code = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await code, stdout, stderr };
}

const here = () => ['--context', plane.cluster.context, '--kubeconfig', plane.server.kubeconfig];
const namespaces = () =>
  Promise.all(['shop', 'batch'].map((name) => plane.cluster.get({ kind: 'namespace', name })));

describe('misfortune stack deploy', () => {
  it('never takes the current context: it wants to be told where', async () => {
    expect(await stack(['deploy', 'shop', '--kubeconfig', plane.server.kubeconfig])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Expected either --context NAME'),
    });
    expect(await namespaces()).toEqual([undefined, undefined]);
  });

  it('refuses a cluster of misfortune.yaml that does not list its namespaces', async () => {
    const { context } = plane.cluster;
    const prometheus = { url: 'http://127.0.0.1:1' };
    const staging = { context, kubeconfig: plane.server.kubeconfig, namespaces: ['shop'], prometheus };
    const config = join(plane.server.folder, 'misfortune.yaml');
    const head = { apiVersion: 'misfortune/v1', kind: 'Config' };
    writeFileSync(config, stringify({ ...head, clusters: { staging } }));
    expect(await stack(['deploy', 'shop', '--cluster', 'staging', '--config', config])).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('does not list the namespaces batch for the cluster staging'),
    });
    expect(await namespaces()).toEqual([undefined, undefined]);
  });

  it.each([
    [['deploy', 'shpo'], 'There is no stack "shpo".\n  Did you mean "shop"?'],
    [['deploy', 'shop', '--timeout', 'soon'], 'Expected a duration like 90s or 5m for --timeout, got "soon"'],
    [['deploy', 'shop', '--limits', 'till=cpu=1'], ', edge, '],
  ])('says what is wrong with %j', async (args, words) => {
    expect(await stack([...args, ...here()])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(words),
    });
  });

  it('prints what it did, is told why pods do not come up, and takes it all away again', async () => {
    const late = await stack([
      'deploy',
      'shop',
      ...here(),
      '--limits',
      'checkout=cpu=500',
      '--timeout',
      '2s',
      '--json',
    ]);
    expect(late.code).toBe(1);
    expect(JSON.parse(late.stdout)).toMatchObject({
      objects: expect.arrayContaining([{ ref: 'namespace/shop', done: 'created' }]),
      late: [expect.stringMatching(/^deployment.apps\/shop\/checkout: .*Insufficient cpu/)],
    });
    const again = await stack(['deploy', 'shop', ...here()]);
    expect(again).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/\b(\d+) of \1 \w.* available/),
    });
    expect(again.stdout).toMatch(/^Deployed shop to .*: \d+ unchanged, 1 changed\.$/m);
    const removed = await stack(['remove', 'shop', ...here()]);
    expect(removed).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('deployment.apps/shop/edge removed'),
    });
    expect(await plane.cluster.list({ kind: 'deployments' })).toEqual([]);
  });

  it('says after Ctrl-C that the same command goes on', async () => {
    const { code, stderr } = await stack(['deploy', 'shop', ...here()], true);
    expect(code).toBe(130);
    expect(stderr).toContain('namespace/shop created');
    expect(stderr).toContain('run the same command again to continue');
    expect(await stack(['deploy', 'shop', ...here()])).toMatchObject({ code: 0 });
  });
});
