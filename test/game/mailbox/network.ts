import { readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';

/** The way to an API server as another machine has it: it can be cut, and a kubeconfig leads over it. */
export interface Way {
  kubeconfig: string;
  /** Connections break, new ones are refused. */
  cut(): void;
  /** Nothing arrives and nothing is refused: what a firewall does, or a laptop that changes its network. */
  swallow(): void;
  mend(): void;
  close(): Promise<void>;
}

/** To the API server of a kubeconfig; the new one lies in `folder`. */
export async function openWay({ kubeconfig, folder }: { kubeconfig: string; folder: string }): Promise<Way> {
  const config = parse(readFileSync(kubeconfig, 'utf8'));
  const [{ cluster }] = config.clusters;
  const { hostname, port } = new URL(cluster.server);
  let state: 'open' | 'cut' | 'swallowing' = 'open';
  const sockets = new Set<Socket>();
  const relay = createServer((near) => {
    if (state === 'cut') return void near.destroy();
    const far = connect(Number(port), hostname);
    for (const one of [near, far]) {
      sockets.add(one);
      one.on('error', () => undefined).on('close', () => sockets.delete(one));
    }
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
    near.pipe(far).pipe(near);
    if (state === 'swallowing') for (const one of [near, far]) one.pause();
  });
  await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve));
  const { port: ownPort } = relay.address() as AddressInfo;
  const own = join(folder, `way-${ownPort}.kubeconfig`);
  cluster.server = `https://127.0.0.1:${ownPort}`;
  writeFileSync(own, stringify(config), { mode: 0o600 });
  return {
    kubeconfig: own,
    cut() {
      state = 'cut';
      for (const one of sockets) one.destroy();
    },
    swallow() {
      state = 'swallowing';
      for (const one of sockets) one.pause();
    },
    mend() {
      state = 'open';
      for (const one of sockets) one.resume();
    },
    close: () =>
      new Promise((resolve) => {
        relay.close(() => resolve());
        for (const one of sockets) one.destroy();
      }),
  };
}
