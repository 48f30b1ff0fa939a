import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { realClock } from '../../../src/clock.ts';
import type { Cluster } from '../../../src/cluster/cluster.ts';
import { connect } from '../../../src/cluster/connection/connect.ts';
import {
  type ClusterLedger,
  createClusterLedger,
  openClusterLedger,
} from '../../../src/fault/ledger/cluster-ledger.ts';
import { listClusterLedgers } from '../../../src/fault/ledger/cluster-ledger-read.ts';
import type { LedgerEntry } from '../../../src/fault/ledger/entry.ts';
import { createLedger, readLedger } from '../../../src/fault/ledger/ledger.ts';
import { ledgerPair } from '../../../src/fault/ledger/pair.ts';
import { startTestServer, type TestServer } from '../../sandbox/apiserver/test-server.ts';

const namespace = 'default';
const secrets = { kind: 'secret' };
const opened: LedgerEntry = {
  type: 'opened',
  version: 1,
  game: 'g',
  cluster: { uid: '1234', server: 'https://127.0.0.1:1' },
  at: 1,
};
const entry = (id: string, seen = 'as set'): LedgerEntry => ({
  type: 'verified',
  id,
  verdict: 'confirmed',
  seen,
});
/** Does not shrink: as much in the Secret as it is long. */
const bulky = (id: string, bytes: number) => {
  let text = '';
  for (let state = 1; text.length < bytes; state = (state * 48271) % 2147483647) text += state.toString(36);
  return entry(id, text);
};

let server: TestServer;
let cluster: Cluster;
beforeAll(async () => {
  server = await startTestServer();
  cluster = await connect({ kubeconfig: server.kubeconfig });
});
afterAll(async () => {
  cluster.close();
  await server.close();
});
afterEach(async () => {
  for (const { metadata } of await cluster.list(secrets, { namespace }))
    await cluster.delete({ ...secrets, namespace, name: metadata.name });
});

const place = () => ({ cluster, clock: realClock, namespace });
const only = async () => {
  const all = await listClusterLedgers(cluster, namespace);
  expect(all).toHaveLength(1);
  return all[0]!;
};
const names = async () => (await cluster.list(secrets, { namespace })).map(({ metadata }) => metadata.name);
const written = async (...entries: LedgerEntry[]): Promise<ClusterLedger> =>
  createClusterLedger(place(), [opened, ...entries]);

describe('the copy of a ledger in the cluster', () => {
  it('gives back what was appended, in order, under names that say nothing', async () => {
    const ledger = await written(entry('a'));
    await Promise.all([entry('b'), entry('c')].map((one) => ledger.append(one)));
    const contents = await only();
    expect(contents.entries).toEqual([opened, entry('a'), entry('b'), entry('c')]);
    expect(contents).toMatchObject({ id: ledger.id, sum: ledger.sum });
    const seen = JSON.stringify(await cluster.list(secrets, { namespace }));
    expect(seen).not.toMatch(/misfortune|chaos|game|\bfault|ledger/i);
  });

  it('takes what was only noted along with the next entry, or when it is flushed', async () => {
    const ledger = await written(entry('a'));
    await ledger.note(entry('b'));
    await ledger.note(entry('c'));
    expect((await only()).entries).toEqual([opened, entry('a')]);
    await ledger.append(entry('d'));
    expect((await only()).entries).toEqual([opened, ...['a', 'b', 'c', 'd'].map((id) => entry(id))]);
    await ledger.note(entry('e'));
    await ledger.flush();
    const contents = await only();
    expect(contents.entries.at(-1)).toEqual(entry('e'));
    expect(contents.sum).toBe(ledger.sum);
  });

  it('goes on in further Secrets when one is full, and reads them as one', async () => {
    const many = Array.from({ length: 9 }, (_, index) => bulky(`e${index}`, 150_000));
    const ledger = await written(...many);
    await ledger.append(entry('last'));
    expect((await names()).length).toBeGreaterThan(2);
    expect((await only()).entries).toEqual([opened, ...many, entry('last')]);
  });

  it('is carried on by whoever reads it', async () => {
    await written(entry('a'));
    const again = openClusterLedger(place(), await only());
    await again.append(entry('b'));
    expect((await only()).entries).toEqual([opened, entry('a'), entry('b')]);
  });

  it('refuses to be written by two at a time: the slower one is told that it was taken over', async () => {
    const first = await written(entry('a'));
    const second = openClusterLedger(place(), await only());
    await second.append(entry('b'));
    await expect(first.append(entry('c'))).rejects.toMatchObject({ code: 'ledger-taken' });
    expect((await only()).entries).toEqual([opened, entry('a'), entry('b')]);
  });

  it('leaves what happened and no pre-image when it is erased, in one Secret', async () => {
    const ledger = await written(bulky('e1', 300_000), bulky('e2', 300_000));
    const preimage = { ...{ who: 'r', actionId: 'x', sequence: 1 }, before: { secret: 'hunter2' } };
    await ledger.append({ type: 'responder', preimage } as unknown as LedgerEntry);
    await ledger.erase(7);
    const { entries, problem } = await only();
    expect(problem).toBeUndefined();
    expect(entries.map(({ type }) => type)).toEqual(['opened', 'verified', 'verified', 'erased']);
    expect(await names()).toHaveLength(1);
    await openClusterLedger(place(), await only()).remove();
    expect(await names()).toEqual([]);
  });

  it.each([
    ['an entry is gone', { data: { '000001': null } }, /entry 3 does not match/],
    ['its last entry is gone', { data: { '000002': null } }, /end is missing/],
    ['an entry was changed', { data: { '000001': Buffer.from('x').toString('base64') } }, /entry 2/],
  ])('is not relied on when %s', async (_what, patch, message) => {
    const ledger = await written(entry('a'), entry('b'));
    await cluster.patch({ ...secrets, namespace, name: `maintenance-${ledger.id}-0` }, 'merge', patch);
    const contents = await only();
    expect(contents.problem).toMatchObject({
      code: 'ledger-damaged',
      message: expect.stringMatching(message),
    });
    expect(() => openClusterLedger(place(), contents)).toThrow(/is damaged/);
  });

  it('is not relied on when a whole Secret of it is gone, the last one as well', async () => {
    for (const lost of [0, 1]) {
      const many = Array.from({ length: 5 }, (_, index) => bulky(`e${index}`, 150_000));
      const ledger = await written(...many);
      const parts = (await names()).sort();
      await cluster.delete({ ...secrets, namespace, name: (lost === 0 ? parts[0] : parts.at(-1))! });
      expect((await only()).problem).toMatchObject({ code: 'ledger-damaged' });
      await ledger.remove();
    }
  });

  it('of a newer version is left alone', async () => {
    await createClusterLedger(place(), [{ ...opened, version: 2 } as never]);
    expect((await only()).problem).toMatchObject({ code: 'ledger-newer', exitCode: 5 });
  });

  it('says which namespace is missing and how to make it', async () => {
    const nowhere = { ...place(), namespace: 'nowhere' };
    await expect(createClusterLedger(nowhere, [opened])).rejects.toMatchObject({
      code: 'no-maintenance-namespace',
      todo: expect.stringContaining('kubectl create namespace nowhere'),
    });
  });
});

describe('a ledger in two places', () => {
  it('has every entry in both before append resolves, and in neither after a verified restore', async () => {
    const { pair, path, close } = await inTwoPlaces();
    await Promise.all(['a', 'b', 'c'].map((id) => pair.append(entry(id))));
    expect((await only()).sum).toBe((await readLedger(path)).sum);
    await pair.erase(3);
    expect(await names()).toEqual([]);
    expect((await readLedger(path)).entries.at(-1)).toEqual({ type: 'erased', at: 3 });
    await close();
  });

  it('keeps the file when its copy cannot be taken away: by that all is found again', async () => {
    const { pair, path, cut, close } = await inTwoPlaces();
    cut('delete');
    await expect(pair.erase(3)).rejects.toThrow('the network is cut');
    expect((await readLedger(path)).entries.at(-1)).toMatchObject({ type: 'opened' });
    cut(undefined);
    await pair.erase(4);
    expect(await names()).toEqual([]);
    await close();
  });

  it('catches up with an entry that did not reach the cluster', async () => {
    const { pair, path, cut, close } = await inTwoPlaces();
    cut('patch');
    await expect(pair.append(entry('a'))).rejects.toThrow('the network is cut');
    cut(undefined);
    await pair.append(entry('b'));
    const contents = await only();
    expect(contents.entries).toEqual([opened, entry('a'), entry('b')]);
    expect(contents.sum).toBe((await readLedger(path)).sum);
    await close();
  });
});

/** A file and its copy; requests of the verb in `cut` fail. */
async function inTwoPlaces() {
  const folder = mkdtempSync(join(tmpdir(), 'ledger-'));
  const path = join(folder, 'ledger.jsonl');
  const { type: _type, version: _version, ...head } = opened as Extract<LedgerEntry, { type: 'opened' }>;
  const file = await createLedger(path, head);
  let failing: keyof Cluster | undefined;
  const flaky = new Proxy(cluster, {
    get(target, name: keyof Cluster) {
      if (name === failing) return () => Promise.reject(new Error('the network is cut'));
      const value = target[name] as unknown;
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  const pair = ledgerPair(file, await createClusterLedger({ ...place(), cluster: flaky }, file.entries));
  return {
    pair,
    path,
    cut: (verb: keyof Cluster | undefined) => {
      failing = verb;
    },
    close: async () => {
      await pair.close();
      rmSync(folder, { recursive: true });
    },
  };
}
