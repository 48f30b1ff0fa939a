/** The mailbox between a desk that counts and responders, over a real API server. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { realClock } from '../../../src/clock.ts';
import { rolesFor } from '../../../src/cluster/access/roles.ts';
import type { Cluster } from '../../../src/cluster/cluster.ts';
import { connect } from '../../../src/cluster/connection/connect.ts';
import { letterPermissions, mailboxName, mailboxSelector } from '../../../src/fault/ledger/mailbox.ts';
import type { DeskAnswer, DeskRequest } from '../../../src/game/api/requests.ts';
import { findPost, type Post, postClient } from '../../../src/game/mailbox/client.ts';
import { labelOf, letterObject, readNotice } from '../../../src/game/mailbox/letter.ts';
import { newKeys, sealBetween } from '../../../src/game/mailbox/seal.ts';
import { type Mailbox, openMailbox } from '../../../src/game/mailbox/serve.ts';
import { Health } from '../../../src/game/watch/poll.ts';
import { type GameLog, openLog } from '../../../src/log/log.ts';
import type { Preimage } from '../../../src/recorder/action.ts';
import { startTestServer, type TestServer } from '../../sandbox/apiserver/test-server.ts';
import { openWay, type Way } from './network.ts';

const namespace = 'maintenance';

let server: TestServer;
let master: Cluster;
let folder: string;
let log: GameLog;
let mailbox: Mailbox;
let way: Way;
let responder: Cluster;
/** What the desk was asked, in order. */
let asked: string[];
let answer: (request: DeskRequest) => Promise<DeskAnswer>;

beforeAll(async () => {
  server = await startTestServer();
  if (!server.api.get('namespaces', undefined, namespace))
    server.api.create('namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  master = await connect({ kubeconfig: server.kubeconfig });
  const roles = rolesFor(letterPermissions(namespace), 'responders', { kind: 'Group', name: 'oncall' });
  for (const role of roles) await master.create(role);
});
afterAll(async () => {
  master.close();
  await server.close();
});
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mail-'));
  log = openLog(join(folder, 'log.jsonl'), realClock);
  asked = [];
  answer = async ({ path }) => ({ status: 200, body: JSON.stringify(path) });
  way = await openWay({ kubeconfig: server.responderKubeconfig, folder });
  responder = await connect({ kubeconfig: way.kubeconfig });
  mailbox = await open();
});
afterEach(async () => {
  await mailbox.close();
  responder.close();
  await way.close();
  log.close();
  rmSync(folder, { recursive: true });
  expect(await mail()).toEqual([]);
});

const open = (cluster = master) =>
  openMailbox({
    cluster,
    namespace,
    clock: realClock,
    health: new Health(log, realClock),
    answer: async (request) => {
      asked.push(request.path);
      return await answer(request);
    },
  });
const find = (more: { longestCut?: number; longestSilence?: number } = {}): Promise<Post> =>
  findPost({ cluster: responder, namespace, clock: realClock, ...more });
const get = (path: string): DeskRequest => ({ method: 'GET', path });
const theNotice = async () =>
  readNotice((await master.get({ kind: 'configmap', namespace, name: mailboxName }))!);
const mail = async () => {
  const found = await master.list({ kind: 'configmap' }, { namespace, labelSelector: mailboxSelector() });
  return found.map(({ metadata }) => metadata.name);
};

describe('a mailbox', () => {
  it('carries requests and their answers, several at a time', async () => {
    const post = await find();
    const paths = Array.from({ length: 20 }, (_, number) => `/n?${number}`);
    const answers = await Promise.all(paths.map((path) => post.send(get(path))));
    expect(answers.map(({ body }) => JSON.parse(body))).toEqual(paths);
    expect([...asked].sort()).toEqual([...paths].sort());
  });

  it('shows nobody what is said, or that there is a game', async () => {
    const post = await find();
    const secret = 'haymaker breaks job.batch/batch/report-export';
    await post.send({ method: 'POST', path: '/x', body: secret });
    const objects = await master.list({ kind: 'configmap' }, { namespace, labelSelector: mailboxSelector() });
    expect(objects).toHaveLength(2);
    const text = JSON.stringify(objects);
    expect(text).not.toMatch(/misfortune|chaos|fault|scenario|oracle|haymaker|report-export|game|respon/i);
  });

  it('answers each letter once and does not lose one, whatever is told twice, late or in another order', async () => {
    await mailbox.close();
    const mine = await openWay({ kubeconfig: server.kubeconfig, folder });
    const cluster = await connect({ kubeconfig: mine.kubeconfig });
    mailbox = await open(cluster);
    const notice = await theNotice();
    const keys = newKeys();
    const seal = sealBetween(keys, { mailbox: notice.key, responder: keys.public });
    const answerOf = async (name: string) => {
      const letter = await master.get({ kind: 'configmap', namespace, name });
      const { answer: sealed } = (letter?.binaryData ?? {}) as { answer?: string };
      return sealed && seal.open(Buffer.from(sealed, 'base64'), labelOf.answer(name));
    };
    // A letter, the same again by who did not hear that it is there, or after it was taken away; a watch that breaks.
    const deed = fc.constantFrom('write', 'write', 'take away and write', 'break');
    const deeds = fc.array(fc.record({ id: fc.integer({ min: 0, max: 4 }), deed }), { maxLength: 10 });
    let run = 0;
    await fc.assert(
      fc.asyncProperty(deeds, async (all) => {
        run += 1;
        asked = [];
        const names = new Set<string>();
        for (const { id, deed } of all) {
          const name = `${mailboxName}-${run}-${id}`;
          if (deed === 'break') {
            mine.cut();
            mine.mend();
            continue;
          }
          if (deed !== 'write') await master.delete({ kind: 'configmap', namespace, name });
          names.add(name);
          const request = seal.close(JSON.stringify(get(`/${name}`)), labelOf.request(name));
          const letter = letterObject(namespace, notice.id, { name, from: keys.public, request });
          await responder.create(letter).catch((error: { code: string }) => {
            if (error.code !== 'already-exists') throw error;
          });
        }
        for (const name of names)
          await expect
            .poll(() => answerOf(name), { timeout: 15_000 })
            .toBe(JSON.stringify({ status: 200, body: JSON.stringify(`/${name}`) }));
        expect([...asked].sort()).toEqual([...names].map((name) => `/${name}`).sort());
      }),
      { numRuns: 10, endOnFailure: true },
    );
    await mailbox.close();
    cluster.close();
    await mine.close();
    mailbox = await open();
  });

  it('takes no letter under another name, and none that somebody else has sealed', async () => {
    const notice = await theNotice();
    const keys = newKeys();
    const seal = sealBetween(keys, { mailbox: notice.key, responder: keys.public });
    const request = seal.close(JSON.stringify(get('/copied')), labelOf.request(`${mailboxName}-a`));
    const write = (name: string, from: string) =>
      responder.create(letterObject(namespace, notice.id, { name: `${mailboxName}-${name}`, from, request }));
    await write('b', keys.public);
    await write('c', newKeys().public);
    await write('d', 'not a key');
    await (await find()).send(get('/fine'));
    expect(asked).toEqual(['/fine']);
  });

  it('is refused when one may not write letters, and says which permission is missing', async () => {
    const role = { kind: 'role', group: 'rbac.authorization.k8s.io', namespace, name: 'responders' };
    const kept = await master.get(role);
    await master.delete(role);
    const error = await (await find()).send(get('/x')).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'may-not-join',
      exitCode: 3,
      message: expect.stringMatching(/create configmaps/),
      todo: expect.stringContaining('misfortune rbac --responders'),
    });
    const { apiVersion, kind, rules } = kept!;
    await master.create({ apiVersion, kind, rules, metadata: { name: role.name, namespace } });
  });

  it('says that there is no game, that it is over, or that it speaks another version', async () => {
    const post = await find();
    await mailbox.close();
    await expect(post.send(get('/x'))).rejects.toMatchObject({ code: 'game-over' });
    await expect(find()).rejects.toMatchObject({ code: 'no-game', exitCode: 2 });
    mailbox = await open();
    await expect(post.send(get('/x'))).rejects.toMatchObject({ code: 'game-over' });
    const data = { version: '2' };
    await master.patch({ kind: 'configmap', namespace, name: mailboxName }, 'merge', { data });
    await expect(find()).rejects.toMatchObject({ code: 'other-version' });
  });

  it('notices that the game has died, also while an answer takes its time', async () => {
    const post = await find({ longestSilence: 1_500 });
    let finish = () => {};
    answer = ({ path }) =>
      path === '/game'
        ? Promise.resolve({ status: 200, body: '{}' })
        : new Promise((resolve) => {
            finish = () => resolve({ status: 200, body: '"late"' });
          });
    const claim = post.send(get('/claim'));
    await expect.poll(() => asked.filter((path) => path === '/game').length, { timeout: 10_000 }).toBe(2);
    finish();
    expect(await claim).toMatchObject({ body: '"late"' });
    answer = () => new Promise(() => undefined);
    await expect(post.send(get('/claim'))).rejects.toMatchObject({ code: 'conductor-gone' });
  });

  it('sends what is too large for one letter in several, and refuses what no letter holds', async () => {
    const sent: number[] = [];
    answer = async ({ body }) => {
      sent.push((JSON.parse(body ?? '') as { preimages: Preimage[] }).preimages.length);
      return { status: 204, body: '' };
    };
    const client = postClient(await find());
    await client.preimages([preimage(400_000), preimage(400_000), preimage(400_000)]);
    expect(sent.reduce((sum, count) => sum + count, 0)).toBe(3);
    expect(sent.length).toBeGreaterThan(1);
    await expect(client.preimages([preimage(1_200_000)])).rejects.toMatchObject({
      code: 'too-large-to-send',
      message: expect.stringMatching(/\d+ KiB/),
    });
  });

  it('takes the place of what a dead game has left, with its letters', async () => {
    const post = await find({ longestSilence: 500 });
    const other = await open();
    await other.takeOver();
    await expect(post.send(get('/x'))).rejects.toMatchObject({ code: 'game-over' });
    expect(await (await find()).send(get('/y'))).toMatchObject({ status: 200 });
    await mailbox.close();
    expect(await (await find()).send(get('/z'))).toMatchObject({ status: 200 });
    await other.close();
  });
});

describe('when the network is cut', () => {
  it.each(['cut', 'swallow'] as const)('a request waits for its end and is done once (%s)', async (how) => {
    const post = await find();
    await post.send(get('/before'));
    way[how]();
    const during = Promise.all([post.send(get('/one')), post.send(get('/two'))]);
    await realClock.sleep(1_500);
    way.mend();
    expect((await during).map(({ body }) => body)).toEqual(['"/one"', '"/two"']);
    expect([...asked].sort()).toEqual(['/before', '/one', '/two']);
  });

  it('and stays cut, it says so after the longest cut', async () => {
    const post = await find({ longestCut: 1_000 });
    way.cut();
    await expect(post.send(get('/x'))).rejects.toMatchObject({ code: 'cut-too-long', exitCode: 4 });
    expect(asked).toEqual([]);
  });

  it('on the side of the game, letters wait there and are answered once', async () => {
    await mailbox.close();
    const mine = await openWay({ kubeconfig: server.kubeconfig, folder });
    const cluster = await connect({ kubeconfig: mine.kubeconfig });
    mailbox = await open(cluster);
    const post = await find();
    await post.send(get('/before'));
    mine.cut();
    const during = post.send(get('/during'));
    await realClock.sleep(1_500);
    mine.mend();
    expect(await during).toMatchObject({ status: 200 });
    expect(asked).toEqual(['/before', '/during']);
    await mailbox.close();
    mailbox = await open();
    cluster.close();
    await mine.close();
  });
});

/** With that many characters that no compression makes fewer. */
function preimage(size: number): Preimage {
  let state = 1;
  const characters = Array.from({ length: size }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return String.fromCharCode(33 + ((state >>> 16) % 90));
  });
  const of = { apiVersion: 'v1', kind: 'Secret', resource: 'secrets', name: 'x', verb: 'delete' };
  return { sequence: 1, actionId: '1', at: 1, who: 'a', ...of, before: { data: characters.join('') } };
}
