import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { Health, leftOut, parseTargets } from '../../src/shop/programs/registry/health.ts';
import { type Program, startProgram, stopAll, until } from './program.ts';

describe('the health of a target', () => {
  it('changes when several checks agree, and not before', () => {
    const health = new Health({ fall: 3, rise: 2 });
    expect([false, false, true, false, false, false].map((passed) => health.check(passed))).toEqual([
      false,
      false,
      false,
      false,
      false,
      true,
    ]);
    expect(health.up).toBe(false);
    expect([true, false, true, true].map((passed) => health.check(passed))).toEqual([
      false,
      false,
      false,
      true,
    ]);
    expect(health.up).toBe(true);
  });

  it('leaves out who is down, and nobody where most are', () => {
    const [a, b, c] = [{ up: false }, { up: true }, { up: false }];
    expect(leftOut([a, b, b, b])).toEqual([a]);
    expect(leftOut([a, b, c])).toEqual([]);
  });

  it('is asked of targets by name and address', () => {
    expect(parseTargets('a=x:1,b=y:2')).toEqual([
      { name: 'a', address: 'x:1' },
      { name: 'b', address: 'y:2' },
    ]);
    expect(() => parseTargets('a=x')).toThrow('Expected name=host:port, got "a=x".');
  });
});

describe('load balancers with a registry', () => {
  const folder = mkdtempSync(join(tmpdir(), 'registry-'));
  const servers: Server[] = [];
  afterEach(async () => {
    await stopAll();
    for (const server of servers.splice(0)) server.close();
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  async function till(port = 0): Promise<{ server: Server; address: string }> {
    const server = createServer((_request, response) => response.setHeader('connection', 'close').end('{}'));
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    return { server, address: `127.0.0.1:${(server.address() as AddressInfo).port}` };
  }

  async function startShop(env: Record<string, string> = {}) {
    const tills = await Promise.all([till(), till(), till()]);
    const file = join(folder, 'upstreams.yaml');
    const entries = tills.map(
      ({ address }, index) => `  - name: till-${index + 1}\n    address: ${address}\n`,
    );
    writeFileSync(file, `upstreams:\n${entries.join('')}`);
    const registry = await startProgram('registry', {
      TARGETS: tills.map(({ address }, index) => `till-${index + 1}=${address}`).join(','),
      EVERY_MS: '50',
      ...env,
    });
    const edge = await startProgram('edge', { UPSTREAMS_FILE: file, REGISTRY_URL: registry.urls[0]! });
    return { tills, registry, edge };
  }

  async function failures(edge: Program): Promise<number> {
    let failed = 0;
    for (let sent = 0; sent < 9; sent += 1) {
      const response = await fetch(`${edge.urls[0]}/prices`);
      await response.arrayBuffer();
      if (response.status !== 200) failed += 1;
    }
    return failed;
  }

  it('leave out who is down as long as it is', async () => {
    const { tills, registry, edge } = await startShop();
    expect(await failures(edge)).toBe(0);
    tills[2]!.server.close();
    await until(async () => (await edge.metric('edge_upstreams_out')) === 1, 'till-3 left out');
    expect(await registry.metric('registry_target_up', { upstream: 'till-3' })).toBe(0);
    expect(await failures(edge)).toBe(0);
    await till(Number(tills[2]!.address.split(':')[1]));
    await until(async () => (await edge.metric('edge_upstreams_out')) === 0, 'till-3 back');
    expect(await failures(edge)).toBe(0);
  });

  it('fail one request in three where the registry checks another port than that of each', async () => {
    const { address } = await till();
    const { tills, registry, edge } = await startShop({ CHECK_PORT: address.split(':')[1]! });
    tills[2]!.server.close();
    const checked = () => registry.metric('registry_checks_total', { upstream: 'till-3' });
    const before = await checked();
    await until(async () => (await checked()) > before + 5, 'more checks of till-3');
    expect(await registry.metric('registry_target_up', { upstream: 'till-3' })).toBe(1);
    expect(await failures(edge)).toBe(3);
  });

  it('go by what the registry said last when it gives no answer', async () => {
    const { tills, registry, edge } = await startShop();
    tills[2]!.server.close();
    await until(async () => (await edge.metric('edge_upstreams_out')) === 1, 'till-3 left out');
    await registry.stop();
    await until(
      async () => edge.lines.some(({ msg }) => msg === 'registry gives no answer'),
      'the silence noticed',
    );
    expect(await failures(edge)).toBe(0);
  });
});
