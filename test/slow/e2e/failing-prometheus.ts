import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

/** Stands before the Prometheus of a sandbox that runs in a state home; from `break` on it answers every request with 500. */
export async function failingPrometheus(home: string): Promise<{ break(): void; close(): Promise<void> }> {
  const file = join(home, 'sandbox/sandbox.json');
  const state = readFileSync(file, 'utf8');
  const { prometheus } = JSON.parse(state) as { prometheus: string };
  let broken = false;
  const server = createServer((incoming, outgoing) => {
    if (broken) {
      incoming.resume();
      outgoing.writeHead(500, { 'content-type': 'application/json' });
      return void outgoing.end('{"status":"error","errorType":"internal","error":"the engine is broken"}');
    }
    const { method, url, headers } = incoming;
    const passed = request(new URL(url ?? '/', prometheus), { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    passed.on('error', () => outgoing.destroy());
    incoming.pipe(passed);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  writeFileSync(file, state.replaceAll(prometheus, url));
  return {
    break: () => {
      broken = true;
    },
    close: async () => {
      writeFileSync(file, state);
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}
