import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { loadConfig } from '../../src/config/load.ts';
import { openPlace, placeOf } from '../../src/game/start/place.ts';
import { startTestServer, type TestServer } from '../sandbox/apiserver/test-server.ts';

/** Of one kubeconfig, staging is in misfortune.yaml; production, its current context, is not. */
let staging: TestServer;
let production: Server;
let requests = 0;
let config: string;

beforeAll(async () => {
  staging = await startTestServer();
  production = createServer((request, response) => {
    requests += 1;
    request.resume();
    response.writeHead(200).end('{}');
  });
  production.listen(0, '127.0.0.1');
  await new Promise((resolve) => production.once('listening', resolve));
  const { port } = production.address() as AddressInfo;
  const kubeconfig = parse(readFileSync(staging.kubeconfig, 'utf8'));
  const [{ name: cluster }, { name: user }] = [kubeconfig.clusters[0], kubeconfig.users[0]];
  kubeconfig.clusters.push({ name: 'production', cluster: { server: `http://127.0.0.1:${port}` } });
  kubeconfig.contexts = [
    { name: 'staging', context: { cluster, user } },
    { name: 'production', context: { cluster: 'production', user } },
  ];
  kubeconfig['current-context'] = 'production';
  writeFileSync(join(staging.folder, 'both.yaml'), stringify(kubeconfig));
  config = join(staging.folder, 'misfortune.yaml');
  writeFileSync(
    config,
    stringify({
      ...{ apiVersion: 'misfortune/v1', kind: 'Config', scenarios: [], playbooks: [] },
      clusters: {
        team: {
          ...{ kubeconfig: join(staging.folder, 'both.yaml'), context: 'staging', namespaces: ['default'] },
          prometheus: { url: 'http://127.0.0.1:9' },
        },
      },
    }),
  );
});
afterAll(async () => {
  production.close();
  await staging.close();
});

const open = async (name: string) =>
  openPlace(placeOf({ cluster: name }, await loadConfig({ file: config })), staging.folder);

describe('of the clusters of a kubeconfig', () => {
  it('a game gets the context that misfortune.yaml names, whatever the current context is', async () => {
    const { cluster, sandboxMarker } = await open('team');
    expect([cluster.context, cluster.server, sandboxMarker]).toEqual(['staging', staging.url, undefined]);
    expect(await cluster.get({ kind: 'namespace', name: 'default' })).toMatchObject({ kind: 'Namespace' });
    expect(requests).toBe(0);
  });

  it.each(['production', 'staging', ''])(
    'a game does not get %j, which misfortune.yaml does not name',
    async (name) => {
      await expect(open(name)).rejects.toMatchObject({ code: 'unknown-cluster' });
      expect(requests).toBe(0);
    },
  );
});
