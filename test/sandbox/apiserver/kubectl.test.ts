import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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
