import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { request } from 'node:http';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { realClock } from '../../src/clock.ts';
import { type ConductorClient, connectConductor } from '../../src/game/api/client.ts';
import { announceGame, currentGame, withdrawGame } from '../../src/game/api/current.ts';
import type { Declaration, GameInfo } from '../../src/game/api/protocol.ts';
import type { Desk } from '../../src/game/api/requests.ts';
import { serveConductor } from '../../src/game/api/server.ts';
import type { SocketServer } from '../../src/game/api/socket.ts';
import type { EventBody, GameEvent } from '../../src/log/events.ts';
import { createGameFolder } from '../../src/log/folder.ts';
import { type GameLog, openLog } from '../../src/log/log.ts';
import type { Action, Preimage } from '../../src/recorder/action.ts';

class NotingDesk implements Desk {
  declarations: Declaration[] = [];
  seenActions: Action[] = [];
  kept: Preimage[] = [];
  info(): GameInfo {
    return {
      game: 'g',
      phase: 'respond',
      title: 'Paying takes forever',
      briefing: 'Support says so.',
      kubeconfig: '/k',
      context: 'sandbox',
      namespace: 'shop',
      prometheus: 'http://p',
      dashboards: [],
      mechanisms: [{ name: 'load', about: 'more requests than it can serve' }],
    };
  }
  async origins(prefix: string) {
    return ['job.batch/batch/a', 'deployment.apps/shop/b'].filter((one) => one.startsWith(prefix));
  }
  playbook(name: string, who: string) {
    return { name, title: `read by ${who}`, alerts: [], steps: [] };
  }
  async news() {
    return { events: [], next: 0 };
  }
  async declare(declaration: Declaration) {
    this.declarations.push(declaration);
    return { accepted: true, message: 'noted' };
  }
  actions(actions: Action[]) {
    this.seenActions.push(...actions);
  }
  async preimages(preimages: Preimage[]) {
    this.kept.push(...preimages);
  }
}

let home: string;
let log: GameLog;
let desk: NotingDesk;
let server: SocketServer;
let responder: ConductorClient;
let master: ConductorClient;
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'home-'));
  log = openLog(join(home, 'log.jsonl'), realClock);
  desk = new NotingDesk();
  server = await serveConductor('g', log, desk);
  responder = connectConductor(server.address, 'responder');
  master = connectConductor(server.address, 'master');
});
afterEach(async () => {
  await server.close();
  log.close();
  rmSync(home, { recursive: true });
});

const secret: EventBody = {
  type: 'no-effect',
  fault: 'flood',
  check: { id: 'x', holds: false, seen: '' },
  afterMs: 1,
};
const diagnosed: EventBody = {
  type: 'diagnosed',
  who: 'a',
  origin: 'b',
  originRight: true,
  mechanismRight: true,
};

async function take(client: ConductorClient, count: number, since = 0): Promise<GameEvent[]> {
  const events: GameEvent[] = [];
  const stop = new AbortController();
  for await (const event of client.events({ since, signal: stop.signal })) {
    events.push(event);
    if (events.length === count) break;
  }
  stop.abort();
  return events;
}

/** Forwards a socket, and drops all its connections when told. */
async function cuttableProxy(target: string, path: string) {
  const sockets = new Set<Socket>();
  const proxy = createServer((incoming) => {
    const outgoing = connect(target);
    for (const one of [incoming, outgoing]) sockets.add(one.on('error', () => {}));
    incoming.pipe(outgoing).pipe(incoming);
  });
  await new Promise<void>((resolve) => proxy.listen(path, resolve));
  const cut = () => {
    for (const one of sockets) one.destroy();
  };
  return { path, cut, close: () => new Promise((resolve) => proxy.close(resolve)) };
}

describe('the API of the conductor', () => {
  it('answers who may ask, each with their own token', async () => {
    expect(await responder.game()).toEqual(desk.info());
    expect(await responder.playbook('latency', 'alex')).toMatchObject({ title: 'read by alex' });
    expect(await responder.origins('job')).toEqual(['job.batch/batch/a']);
    const stranger = connectConductor(
      { ...server.address, tokens: { responder: 'x', master: 'y' } },
      'master',
    );
    await expect(stranger.game()).rejects.toMatchObject({ code: 'unknown-token' });
  });

  it('takes declarations of either role, but start and nudge of the game master only', async () => {
    await responder.declare({ type: 'ack', who: 'a' });
    await master.declare({ type: 'nudge', text: 'Money is being lost' });
    await expect(responder.declare({ type: 'start' })).rejects.toMatchObject({ code: 'not-yours' });
    expect(desk.declarations).toEqual([
      { type: 'ack', who: 'a' },
      { type: 'nudge', text: 'Money is being lost' },
    ]);
  });

  it('takes actions and pre-images', async () => {
    const action: Action = {
      id: '1',
      at: 1,
      until: 2,
      who: 'a',
      surface: 'kubectl',
      effect: 'read',
      title: 'kubectl get pods',
      requests: [],
    };
    await responder.actions([action]);
    const preimage = {
      sequence: 1,
      actionId: '1',
      at: 1,
      who: 'a',
      apiVersion: 'v1',
      kind: 'Pod',
      resource: 'pods',
      name: 'x',
      verb: 'delete',
    };
    await responder.preimages([preimage]);
    expect(desk).toMatchObject({ seenActions: [action], kept: [preimage] });
  });

  it('says what is wrong with a body', async () => {
    const wrong = { type: 'ack' } as unknown as Declaration;
    await expect(responder.declare(wrong)).rejects.toMatchObject({
      code: 'wrong-shape',
      message: expect.stringMatching(/^who/),
    });
  });

  it('streams what was and what comes', async () => {
    log.append({ type: 'injected' });
    const events = take(master, 2);
    await expect.poll(() => log.events.length).toBe(1);
    log.append(secret);
    expect((await events).map((event) => event.type)).toEqual(['injected', 'no-effect']);
    expect(await take(master, 1, 1)).toMatchObject([{ seq: 2 }]);
  });

  it('keeps spoilers from responders until the debrief, and then tells all', async () => {
    log.append(secret);
    log.append(diagnosed);
    const seen: GameEvent[] = [];
    for await (const event of responder.events()) {
      seen.push(event);
      if (event.seq === 2) {
        log.append({ type: 'phase-entered', phase: 'debrief' });
        log.append(secret);
      }
      if (event.seq === 4) break;
    }
    expect(seen.map((event) => event.seq)).toEqual([2, 3, 4]);
    expect(seen[0]).not.toHaveProperty('originRight');
    expect(await responder.history()).toEqual(log.events);
  });

  it('does not lose or repeat events to a reader that is slower than the log', async () => {
    const text = 'x'.repeat(1000);
    const stop = new AbortController();
    const seen: number[] = [];
    for (let index = 0; index < 3000; index++)
      log.append({ type: 'signals-sampled', samples: [{ id: text, value: index }] });
    for await (const event of master.events({ signal: stop.signal })) {
      seen.push(event.seq);
      if (seen.length % 500 === 0) await new Promise(setImmediate);
      if (seen.length === 3000) break;
    }
    expect(seen).toEqual(Array.from({ length: 3000 }, (_, index) => index + 1));
  });

  it('streams on after its connection was cut, without losing or repeating an event', async () => {
    const cuttable = await cuttableProxy(server.address.socket, join(home, 'p'));
    const client = connectConductor({ ...server.address, socket: cuttable.path }, 'master');
    log.append({ type: 'injected' });
    const seen: number[] = [];
    const done = (async () => {
      for await (const event of client.events()) if (seen.push(event.seq) === 3) break;
    })();
    await expect.poll(() => seen).toEqual([1]);
    log.append({ type: 'injected' });
    await expect.poll(() => seen).toEqual([1, 2]);
    cuttable.cut();
    log.append({ type: 'injected' });
    await done;
    expect(seen).toEqual([1, 2, 3]);
    await cuttable.close();
  });

  it('ends a stream when it is gone for good', async () => {
    log.append({ type: 'injected' });
    const events = take(master, 2);
    await server.close();
    expect((await events).length).toBeLessThan(2);
  });

  it('answers an unknown path and a wrong number with an error, not with silence', async () => {
    const status = await new Promise((resolve) => {
      const headers = { authorization: `Bearer ${server.address.tokens.master}` };
      request({ socketPath: server.address.socket, path: '/events?since=-1', headers }, (response) => {
        response.resume();
        resolve(response.statusCode);
      }).end();
    });
    expect(status).toBe(400);
  });

  it('keeps its socket where only its owner gets in, on a path that macOS takes', () => {
    expect(statSync(dirname(server.address.socket)).mode & 0o777).toBe(0o700);
    expect(Buffer.byteLength(server.address.socket)).toBeLessThan(104);
  });
});

describe('the running game', () => {
  it('is found by its announcement and gone when it is withdrawn or its conductor is dead', () => {
    const folder = createGameFolder(home, 0);
    announceGame(home, folder, server.address);
    expect(currentGame(home)).toEqual({
      folder: expect.objectContaining({ id: folder.id }),
      address: server.address,
    });
    expect(statSync(folder.conductor).mode & 0o777).toBe(0o600);
    announceGame(home, folder, { ...server.address, pid: 2 ** 30 });
    expect(currentGame(home)).toBeUndefined();
    announceGame(home, folder, server.address);
    withdrawGame(home, folder);
    expect(currentGame(home)).toBeUndefined();
  });
});
