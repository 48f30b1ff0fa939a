import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { realClock } from '../../src/clock.ts';
import { connect } from '../../src/cluster/connection/connect.ts';
import { parseSource } from '../../src/document/read.ts';
import type { GameSetup } from '../../src/game/start/setup.ts';
import { connectMonitoring } from '../../src/signal/monitoring.ts';
import { startTestServer, type TestServer } from '../sandbox/apiserver/test-server.ts';

/** A Prometheus that knows a few answers: alerts, rules and one number for every query. */
export interface SmallPrometheus {
  url: string;
  alerts: {
    state: string;
    labels: Record<string, string>;
    annotations: object;
    activeAt: string;
    value: string;
  }[];
  /** Groups of rules, as its API has them. */
  groups: object[];
  value: number;
  /** Samples that it has of a series, a second apart. */
  samples: number;
  broken: boolean;
  close(): Promise<void>;
}

export async function startSmallPrometheus(): Promise<SmallPrometheus> {
  const server: Server = createServer((request, response) => {
    request.resume();
    const path = new URL(request.url ?? '/', 'http://prometheus').pathname;
    const now = Date.now() / 1000;
    const answers: Record<string, unknown> = {
      '/api/v1/alerts': { alerts: small.alerts },
      '/api/v1/rules': { groups: small.groups },
      '/api/v1/query': { resultType: 'vector', result: [{ metric: {}, value: [now, String(small.value)] }] },
      '/api/v1/query_range': {
        resultType: 'matrix',
        result: [
          {
            metric: {},
            values: Array.from({ length: small.samples }, (_, index) => [
              now + 1 - small.samples + index,
              String(small.value),
            ]),
          },
        ],
      },
      '/api/v1/status/buildinfo': { version: '3.5.0' },
      '/api/v1/label/__name__/values': ['up'],
    };
    const data = answers[path];
    const status = small.broken ? 503 : data ? 200 : 404;
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify(
        status === 200 ? { status: 'success', data } : { status: 'error', errorType: 'x', error: 'down' },
      ),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const small: SmallPrometheus = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    alerts: [],
    groups: [],
    value: 0.1,
    samples: 2000,
    broken: false,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return small;
}

export const scenarioText = `apiVersion: misfortune/v1
kind: Scenario
name: wrong-greeting
title: Customers are greeted rudely
difficulty: 1
owner: greeter
stack: { name: town, namespaces: [town] }
params: { mood: rude }
briefing: People complain.
steadyState:
  - { id: polite, promql: { query: rudeness, below: 0.5 } }
faults:
  - id: tone
    config: { configMap: town/greeter, set: { tone: '\${mood}' } }
    effect: { field: { ref: configmap/town/greeter, path: data.tone, equals: rude }, within: 1s }
oracle:
  sustained: 20s
  all:
    - { id: tone-back, field: { ref: configmap/town/greeter, path: data.tone, equals: kind } }
diagnosis: { origin: configmap/town/greeter, mechanism: config }
playbook: { name: greet-well, with: { culprit: configmap/town/greeter } }
hints: [Read what it is told to say.]
timeout: 5m
debrief: It was told to be rude.
`;

export const playbookText = `apiVersion: misfortune/v1
kind: Playbook
name: greet-well
title: Greetings are wrong
roles: { culprit: ref }
steps:
  - id: mend
    phase: mitigate
    run: kubectl patch \${culprit} --type=merge -p '{"data":{"tone":"kind"}}'
    match: { kube: { verb: patch, ref: '\${culprit}' } }
`;

export interface SmallTown {
  server: TestServer;
  prometheus: SmallPrometheus;
  tone(): string | undefined;
  setTone(tone: string): void;
  setup(more?: Partial<GameSetup>): Promise<GameSetup>;
  /** Makes a state home take it for a running sandbox, and puts scenario (`wrong-greeting.yaml`) and playbook there. */
  settle(home: string, speed?: number): Promise<void>;
  close(): Promise<void>;
}

/** A real API server with one ConfigMap in a namespace that is open for games, and a small Prometheus. */
export async function startSmallTown(stateHome: string): Promise<SmallTown> {
  const server = await startTestServer();
  const prometheus = await startSmallPrometheus();
  const { api } = server;
  api.create('namespaces', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'town', labels: { 'misfortune.dev/game-days': 'allowed' } },
  });
  // The copy of a ledger is kept there.
  if (!api.get('namespaces', undefined, 'maintenance'))
    api.create('namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'maintenance' } });
  api.create('configmaps', {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'greeter', namespace: 'town' },
    data: { tone: 'kind' },
  });
  const marker =
    api.get('configmaps', 'kube-system', 'cluster-identity') ??
    api.create('configmaps', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'cluster-identity', namespace: 'kube-system' },
    });
  const clusters: { close(): void }[] = [];
  return {
    server,
    prometheus,
    tone: () => (api.get('configmaps', 'town', 'greeter')?.data as { tone?: string } | undefined)?.tone,
    setTone(tone) {
      api.update('configmaps', 'town', 'greeter', (draft) => ({ ...draft, data: { tone } }));
    },
    async setup(more = {}) {
      const cluster = await connect({ kubeconfig: server.kubeconfig });
      clusters.push(cluster);
      return {
        stateHome,
        scenario: parseSource('scenario.yaml', scenarioText).document!,
        playbook: parseSource('playbook.yaml', playbookText).document!,
        params: {},
        cluster,
        monitoring: connectMonitoring({ prometheus: { url: prometheus.url } }),
        namespaces: ['town'],
        limits: {
          minutes: 60,
          requestsPerSecond: 1,
          workloads: { percent: 100 },
          nodes: { count: 0 },
          stress: { cpu: 0, memory: '0' },
        },
        serviceProxies: [],
        access: {
          kubeconfig: server.responderKubeconfig,
          context: 'test',
          namespace: 'town',
          prometheus: prometheus.url,
        },
        sandboxMarker: marker.metadata.uid,
        speed: 40,
        seed: 1,
        player: 'someone',
        version: '0.0.0',
        undoResponders: true,
        autoStart: true,
        clock: realClock,
        ...more,
      };
    },
    async settle(home, speed = 40) {
      const { url } = prometheus;
      const folder = join(home, 'sandbox');
      const access = {
        version: 1,
        pid: process.pid,
        startedAt: new Date().toISOString(),
        folder,
        kubeconfig: server.kubeconfig,
        responderKubeconfig: server.responderKubeconfig,
        context: 'staging',
        prometheus: url,
        alertmanager: url,
        grafana: url,
        markerUid: marker.metadata.uid,
        speed,
      };
      mkdirSync(folder);
      writeFileSync(join(folder, 'sandbox.json'), JSON.stringify(access));
      writeFileSync(join(home, 'wrong-greeting.yaml'), scenarioText);
      writeFileSync(join(home, 'playbook.yaml'), playbookText);
    },
    async close() {
      for (const cluster of clusters) cluster.close();
      await prometheus.close();
      await server.close();
    },
  };
}
