import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect as connectTcp, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect } from '../../../src/cluster/connection/connect.ts';
import { openConductor } from '../../../src/game/conductor.ts';
import { type SmallTown, startSmallTown } from '../../game/small-cluster.ts';

let home: string;
let town: SmallTown;
let wire: Awaited<ReturnType<typeof startWire>>;
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'home-'));
  town = await startSmallTown(home);
  wire = await startWire(Number(new URL(town.server.url).port));
});
afterAll(async () => {
  await wire.close();
  await town.close();
  rmSync(home, { recursive: true });
});

/** A TCP connection to a port that can be cut and joined again. */
async function startWire(port: number) {
  const sockets = new Set<Socket>();
  let isCut = false;
  const server = createServer((incoming) => {
    if (isCut) return incoming.destroy();
    const outgoing = connectTcp(port, '127.0.0.1');
    for (const one of [incoming, outgoing]) sockets.add(one.on('error', () => one.destroy()));
    incoming.pipe(outgoing).pipe(incoming);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    cut() {
      isCut = true;
      for (const one of sockets) one.destroy();
    },
    join() {
      isCut = false;
    },
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}

describe('an API server that stops answering in the middle of a game', () => {
  it('ends the game, and the cluster is restored as soon as it answers again', async () => {
    const kubeconfig = join(home, 'through-the-wire');
    const text = readFileSync(town.server.kubeconfig, 'utf8');
    writeFileSync(kubeconfig, text.replace(town.server.url, `https://127.0.0.1:${wire.port}`));
    const cluster = await connect({ kubeconfig });
    const conductor = await openConductor(await town.setup({ cluster, speed: 1 }));
    const running = conductor.run();
    await expect.poll(() => conductor.state().phase, { timeout: 30_000 }).toBe('respond');
    wire.cut();
    await expect.poll(() => conductor.state().phase, { timeout: 90_000 }).toBe('restore');
    expect(conductor.state().ended).toMatchObject({
      ending: 'aborted',
      why: expect.stringContaining('the API server did not answer'),
    });
    expect(town.tone()).toBe('rude');
    wire.join();
    expect(await running).toMatchObject({ leftover: [], exitCode: 1 });
    expect(town.tone()).toBe('kind');
    cluster.close();
  }, 180_000);
});
