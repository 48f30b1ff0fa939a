import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { realClock } from '../../../src/clock.ts';
import { takeDeclaration } from '../../../src/game/api/declarations.ts';
import { answerRequest, type Desk } from '../../../src/game/api/requests.ts';
import { openPlaybook } from '../../../src/game/open-playbook.ts';
import { type GameLog, openLog } from '../../../src/log/log.ts';
import { reduceAll } from '../../../src/log/state.ts';
import type { Playbook } from '../../../src/playbook/schema.ts';

/** How many requests; MISFORTUNE_FUZZ says otherwise. */
const count = Number(process.env.MISFORTUNE_FUZZ ?? 5000);

let home: string;
let log: GameLog;
let desk: Desk;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'fuzz-'));
  log = openLog(join(home, 'log.jsonl'), realClock);
  log.append({ type: 'phase-entered', phase: 'respond' });
  const playbook = { name: 'latency', title: '', answers: [], roles: {}, steps: [], harmful: [] };
  const scenario = {
    playbook: { name: 'latency', with: {} },
    diagnosis: { origin: 'job.batch/batch/export', accept: [], mechanism: 'load' },
  };
  const state = () => reduceAll(log.events);
  desk = {
    info: () => {
      throw new Error('not asked here');
    },
    origins: async (prefix) => [prefix],
    news: async () => ({ events: [], next: 0 }),
    playbook: (name) =>
      openPlaybook(name, { playbook: playbook as unknown as Playbook, scenario, alerts: state().alerts }),
    declare: (declaration) =>
      takeDeclaration(declaration, {
        log,
        state,
        cluster: {
          kind: async () => ({ apiVersion: 'v1', kind: 'Job', resource: 'jobs', namespaced: true }),
          get: async () => undefined,
        },
        diagnosis: { origins: ['job.batch/batch/export'], mechanism: 'load' },
        mechanisms: [{ name: 'load', about: '' }],
        hints: ['Look.'],
        start: () => undefined,
        claim: async () => false,
        abort: () => undefined,
      }),
    actions: () => undefined,
    preimages: async () => undefined,
  };
});
afterAll(() => {
  log.close();
  rmSync(home, { recursive: true });
});

const words = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.constantFrom('__proto__', 'latency', 'load', 'a/b/c', '\0', '%ff', '\ud800', 'x'.repeat(5000)),
);
const path = fc.oneof(
  fc.constantFrom('/origins', '/news', '/declarations', '/actions', '/preimages', '/playbook', '//[', '/'),
  fc
    .tuple(fc.constantFrom('/origins?prefix=', '/news?since=', '/'), words)
    .map(([head, tail]) => head + tail),
);
const shaped = fc.record(
  {
    type: fc.constantFrom(
      'ack',
      'note',
      'diagnose',
      'hint',
      'resolve',
      'join',
      'leave',
      'abort',
      'nudge',
      'start',
      'x',
    ),
    ...{ who: words, text: words, alert: words, origin: words, mechanism: words, step: words, name: words },
    actions: fc.array(fc.anything(), { maxLength: 3 }),
    preimages: fc.array(fc.anything(), { maxLength: 3 }),
  },
  { requiredKeys: [] },
);
const body = fc.oneof(
  fc.constant(undefined),
  words,
  fc.json(),
  shaped.map((value) => JSON.stringify(value)),
);

describe('the API of a game', () => {
  it(`answers whatever it is sent with what is wrong with it, never as a defect (${count} requests)`, async () => {
    const answers = new Map<number, number>();
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('GET', 'POST', 'PUT', 'x'),
        path,
        body,
        fc.constantFrom('responder' as const, 'master' as const),
        async (method, at, sent, role) => {
          const request = { method, path: at, ...(sent === undefined ? {} : { body: sent }) };
          const answer = await answerRequest(request, role, desk);
          answers.set(answer.status, (answers.get(answer.status) ?? 0) + 1);
          expect(answer.status, answer.body).toBeLessThan(500);
          if (answer.body !== '') JSON.parse(answer.body);
        },
      ),
      { numRuns: count },
    );
    process.stdout.write(`${[...answers].map(([status, times]) => `${status}: ${times}`).join(', ')}\n`);
  });
});
