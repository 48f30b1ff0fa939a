import { spawn } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { kubectlVersions, runKubectl } from '../../kubectl.ts';
import { startTestServer, type TestServer } from './test-server.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

describe.each(kubectlVersions())('kubectl $name', ({ name, path }) => {
  const namespace = `smoke-${name.replaceAll('.', '-')}`;
  const kubectl = (args: string[], stdin?: string) =>
    runKubectl(['-n', namespace, ...args], { kubeconfig: server.kubeconfig, path, stdin });
  const ok = async (args: string[], stdin?: string) => {
    const run = await kubectl(args, stdin);
    expect(run, JSON.stringify(run)).toMatchObject({ exitCode: 0 });
    return run.stdout;
  };

  it('creates, applies, shows, patches, labels and deletes', async () => {
    expect(await ok(['create', 'namespace', namespace])).toBe(`namespace/${namespace} created\n`);
    expect(await ok(['apply', '-f', '-'], manifest('1'))).toContain('deployment.apps/web created');
    expect(await ok(['apply', '-f', '-'], manifest('1'))).toContain('deployment.apps/web unchanged');
    expect(await ok(['apply', '-f', '-'], manifest('2'))).toContain('deployment.apps/web configured');
    expect(await ok(['get', 'deploy'])).toMatch(
      /NAME +READY +UP-TO-DATE +AVAILABLE +AGE\nweb +0\/2 +0 +0 +\d+s/,
    );
    expect(
      await ok(['get', 'deploy', 'web', '-o', 'jsonpath={.spec.template.spec.containers[0].image}']),
    ).toBe('node:22');
    expect(await ok(['label', 'deploy', 'web', 'tier=front'])).toBe('deployment.apps/web labeled\n');
    expect(await ok(['get', 'deploy', '-l', 'tier=front', '-o', 'name'])).toBe('deployment.apps/web\n');
    expect(await ok(['delete', 'deploy', 'web'])).toContain('deployment.apps "web" deleted');
    expect((await kubectl(['get', 'deploy', 'web'])).stderr).toBe(
      'Error from server (NotFound): deployments.apps "web" not found\n',
    );
    expect(server.faults).toEqual([]);
  });

  it('case Q4: sends an Ingress and a copied Pod with volumes as it likes', async () => {
    const home = `bodies-${name.replaceAll('.', '-')}`;
    await ok(['create', 'namespace', home]);
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'web', namespace: home },
      spec: {
        containers: [{ name: 'a', image: 'busybox:1', volumeMounts: [{ name: 'v', mountPath: '/v' }] }],
        volumes: [{ name: 'v', configMap: { name: 'c', items: [{ key: 'k', path: 'p' }] } }],
      },
    };
    server.api.create('pods', pod);
    expect(await ok(['-n', home, 'create', 'ingress', 'door', '--rule=a.example/x=web:80'])).toContain(
      'created',
    );
    await ok(['-n', home, 'debug', 'web', '--image=busybox:1', '--copy-to=copy', '--attach=false']);
    expect(server.api.get('pods', home, 'copy')?.spec.volumes[0]).toMatchObject(pod.spec.volumes[0]!);
    await ok(['-n', home, 'delete', 'ingress', 'door']);
    expect(server.faults).toEqual([]);
  });

  it('get -w prints a row for what is there and for each change, until it is stopped', async () => {
    const home = `watch-${name.replaceAll('.', '-')}`;
    server.api.create('namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: home } });
    const web = { ...parse(manifest('1')), metadata: { name: 'web', namespace: home } };
    server.api.create('deployments.apps', web);
    const env = { ...process.env, KUBECONFIG: server.kubeconfig };
    const child = spawn(path, ['-n', home, 'get', 'deploy', '-w'], { env });
    const ended = new Promise((resolve) => child.on('close', resolve));
    let printed = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
    const rows = () => printed.split('\n').map((line) => line.replace(/ +/g, ' ').replace(/\d+s$/, 'AGE'));
    try {
      await expect.poll(rows, { timeout: 20_000 }).toContain('web 0/1 0 0 AGE');
      server.api.update('deployments.apps', home, 'web', (draft) => {
        draft.spec.replicas = 5;
        return draft;
      });
      await expect.poll(rows, { timeout: 20_000 }).toContain('web 0/5 0 0 AGE');
      expect(rows()).toEqual([
        'NAME READY UP-TO-DATE AVAILABLE AGE',
        'web 0/1 0 0 AGE',
        'web 0/5 0 0 AGE',
        '',
      ]);
    } finally {
      child.kill();
      await ended;
    }
  });
});

const manifest = (replicas: string) => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: ${replicas}
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: app, image: 'node:22', env: [{ name: A, value: b }] }] }
`;
