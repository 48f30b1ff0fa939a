/** A sandbox with one application, `web` in the namespace default: two pods behind a Service. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, vi } from 'vitest';
import { emptyBaseline } from '../../src/check/baseline.ts';
import type { Acting, CheckContext } from '../../src/check/kind.ts';
import { realClock } from '../../src/clock.ts';
import type { Cluster } from '../../src/cluster/cluster.ts';
import { connect } from '../../src/cluster/connection/connect.ts';
import { program } from '../../src/paths.ts';
import { startSandbox } from '../../src/sandbox/start.ts';

export interface Web {
  cluster: Cluster;
  /** Of one game: what checks remember is kept from look to look. */
  context(more?: Partial<Acting>): CheckContext & { acting: Acting };
  close(): Promise<void>;
}

export const podSpec = (script: string, restartPolicy = 'Always') => ({
  restartPolicy,
  terminationGracePeriodSeconds: 1,
  containers: [{ name: 'app', image: 'node:20', command: ['node', '-e', script] }],
});

/** @param service what its Service has besides the port 8080 */
export async function startWeb(service: object = {}): Promise<Web> {
  const sandbox = await startSandbox({
    folder: mkdtempSync(join(tmpdir(), 'web-')),
    dist: dirname(program('sandbox.js')),
    speed: 1,
    nodeCount: 1,
    stack: 'none',
    signal: new AbortController().signal,
  });
  const cluster = await connect({ kubeconfig: sandbox.state.kubeconfig });
  const metadata = { name: 'web', namespace: 'default' };
  const labels = { app: 'web' };
  const script = "require('http').createServer((_, out) => out.end('hi')).listen(8080)";
  const template = { metadata: { labels }, spec: podSpec(script) };
  await cluster.create({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata,
    spec: { replicas: 2, selector: { matchLabels: labels }, template },
  });
  const spec = { selector: labels, ports: [{ port: 8080 }], ...service };
  await cluster.create({ apiVersion: 'v1', kind: 'Service', metadata, spec });
  await vi.waitFor(
    async () => {
      const web = await cluster.get({ kind: 'deployment', ...metadata });
      expect(web?.status).toMatchObject({ availableReplicas: 2 });
    },
    { timeout: 60_000, interval: 200 },
  );
  return {
    cluster,
    context(more) {
      const pods = { image: 'node:20-slim' };
      const acting = {
        namespaces: ['default'],
        pods,
        clock: realClock,
        memory: new Map(),
        made: new Map(),
        ...more,
      };
      return { cluster, baseline: emptyBaseline, acting } as unknown as ReturnType<Web['context']>;
    },
    async close() {
      cluster.close();
      await sandbox.close();
    },
  };
}
