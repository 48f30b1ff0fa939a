import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { stringify } from 'yaml';
import {
  type Credentials,
  type Identity,
  loadCredentials,
} from '../../../src/cluster/connection/credentials.ts';

let folder: string;
let credentials: Credentials | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plugin-'));
  vi.useFakeTimers({ toFake: ['performance', 'Date'], now: Date.parse('2026-01-01T00:00:00Z') });
});
afterEach(() => {
  credentials?.close();
  vi.useRealTimers();
  rmSync(folder, { recursive: true });
});

/** A plug-in that counts itself and gives `token-N`, until it is told to fail. */
async function load(status: object = {}): Promise<Credentials> {
  const script = `
    const { appendFileSync, existsSync, readFileSync } = require('node:fs');
    appendFileSync(${JSON.stringify(join(folder, 'starts'))}, 'x');
    if (existsSync(${JSON.stringify(join(folder, 'fail'))})) { console.error('log in, please'); process.exit(3); }
    const n = readFileSync(${JSON.stringify(join(folder, 'starts'))}).length;
    const { spec, apiVersion } = JSON.parse(process.env.KUBERNETES_EXEC_INFO);
    if (spec.interactive !== false) process.exit(4);
    const status = { token: 'token-' + n, ...${JSON.stringify(status)} };
    console.log(JSON.stringify({ apiVersion, kind: 'ExecCredential', status }));`;
  const path = join(folder, 'config');
  const exec = {
    apiVersion: 'client.authentication.k8s.io/v1',
    command: process.execPath,
    args: ['-e', script],
  };
  writeFileSync(
    path,
    stringify({
      clusters: [{ name: 'c', cluster: { server: 'https://here:6443' } }],
      users: [{ name: 'u', user: { exec } }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
      'current-context': 'x',
    }),
  );
  credentials = await loadCredentials({ kubeconfig: path });
  return credentials;
}

const starts = () => readFileSync(join(folder, 'starts')).length;
const token = async (from: Credentials, refused?: Identity) =>
  (await from.use(refused)).headers.Authorization;

describe('an exec plug-in', () => {
  it('case F3: is asked once in a game of 125 s for a credential without an end', async () => {
    const from = await load();
    for (let second = 0; second <= 125; second += 5) {
      expect(await token(from)).toBe('Bearer token-1');
      vi.advanceTimersByTime(5_000);
    }
    expect(starts()).toBe(1);
  });

  it('case F3: is asked again when the server refuses, once for all requests that were under way', async () => {
    const from = await load();
    const first = await from.use();
    vi.advanceTimersByTime(60_000);
    const refused = await Promise.all([token(from, first), token(from, first), token(from, first)]);
    expect(refused).toEqual(['Bearer token-2', 'Bearer token-2', 'Bearer token-2']);
    expect(await token(from, first), 'of one that was under way').toBe('Bearer token-2');
    expect(starts()).toBe(2);
    expect(await token(from, await from.use()), 'refused again at once').toBe('Bearer token-3');
  });

  it('is asked again when its credential ends, and what there is goes on where it then fails', async () => {
    const from = await load({ expirationTimestamp: '2026-01-01T00:01:00Z' });
    expect(await token(from)).toBe('Bearer token-1');
    writeFileSync(join(folder, 'fail'), '');
    vi.advanceTimersByTime(70_000);
    expect(await token(from)).toBe('Bearer token-1');
    expect(starts()).toBe(2);
    const last = await from.use();
    const refused = from.use(last);
    await expect(refused).rejects.toMatchObject({ code: 'no-credentials' });
    await expect(refused).rejects.toThrow(/ended with 3\. log in, please/);
    rmSync(join(folder, 'fail'));
    expect(await token(from, last)).toBe('Bearer token-4');
  });

  it('that cannot be started is named', async () => {
    const from = await load();
    const path = join(folder, 'config');
    writeFileSync(path, readFileSync(path, 'utf8').replace(process.execPath, '/nowhere/plugin'));
    const other = await loadCredentials({ kubeconfig: path });
    await expect(other.use()).rejects.toThrow(/nowhere\/plugin cannot be started/);
    other.close();
    from.close();
  });
});
