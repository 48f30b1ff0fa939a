import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ClusterObject, Ref } from '../../src/cluster/cluster.ts';
import { type DeclarationOptions, takeDeclaration } from '../../src/game/api/declarations.ts';
import type { Phase } from '../../src/log/events.ts';
import { type GameLog, openLog } from '../../src/log/log.ts';
import { type GameState, reduceAll } from '../../src/log/state.ts';
import { ManualClock } from './manual-clock.ts';

let home: string;
let log: GameLog;
let options: DeclarationOptions;
let called: string[];
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'home-'));
  log = openLog(join(home, 'log.jsonl'), new ManualClock());
  called = [];
  options = {
    log,
    state: () => reduceAll(log.events),
    cluster: {
      kind: async ({ kind }) => {
        const kinds: Record<string, string> = { job: 'Job', jobs: 'Job', pod: 'Pod' };
        return { apiVersion: 'v1', kind: kinds[kind] ?? 'Other', resource: '', namespaced: true };
      },
      get: async (ref: Ref) =>
        ref.name === 'export-x1'
          ? ({
              metadata: {
                name: ref.name,
                ownerReferences: [
                  { apiVersion: 'batch/v1', kind: 'Job', name: 'export', uid: 'u', controller: true },
                ],
              },
            } as ClusterObject)
          : undefined,
    },
    diagnosis: { origins: ['job.batch/batch/export'], mechanism: 'load' },
    mechanisms: [
      { name: 'load', about: 'too many requests' },
      { name: 'patch', about: 'a field was changed' },
    ],
    hints: ['Look at the clients.'],
    start: () => called.push('start'),
    claim: async (who) => who === 'right',
    abort: (why) => called.push(why),
  };
});
afterEach(() => {
  log.close();
  rmSync(home, { recursive: true });
});

const enter = (phase: Phase) => log.append({ type: 'phase-entered', phase });
const fire = (name: string) =>
  log.append({ type: 'alert-changed', name, labels: {}, annotations: {}, state: 'firing', activeAt: 0 });
const last = () => log.events.at(-1);

describe('what people declare', () => {
  it('is refused before the game has begun and after it', async () => {
    for (const [phase, accepted] of [
      ['brief', false],
      ['respond', true],
      ['debrief', false],
    ] as const) {
      enter(phase);
      expect(await takeDeclaration({ type: 'diagnose', who: 'a', mechanism: 'load' }, options)).toMatchObject(
        { accepted },
      );
    }
  });

  it('case G12: is refused after the end with what was not taken, a note too', async () => {
    enter('respond');
    const note = { type: 'note', who: 'a', text: 'Told support' } as const;
    expect(await takeDeclaration(note, options)).toMatchObject({ accepted: true });
    for (const phase of ['ended', 'restore', 'debrief'] as const) {
      enter(phase);
      const before = log.events.length;
      expect(await takeDeclaration(note, options)).toEqual({
        accepted: false,
        message: 'The game is over: the note was not recorded. Bring it up in the debrief.',
      });
      for (const declaration of [
        { type: 'ack', who: 'a' },
        { type: 'hint', who: 'a' },
        { type: 'resolve', who: 'a' },
        { type: 'diagnose', who: 'a', mechanism: 'load' },
      ] as const)
        expect((await takeDeclaration(declaration, options)).message).toMatch(/was not recorded/);
      expect(log.events).toHaveLength(before);
    }
  });

  it('acknowledges what fires, by name or all of it', async () => {
    enter('respond');
    expect(await takeDeclaration({ type: 'ack', who: 'a' }, options)).toMatchObject({ accepted: false });
    fire('Slow');
    fire('Errors');
    expect(await takeDeclaration({ type: 'ack', who: 'a', alert: 'Typo' }, options)).toEqual({
      accepted: false,
      message: 'Typo does not fire. Firing: Slow, Errors.',
    });
    expect(await takeDeclaration({ type: 'ack', who: 'a' }, options)).toMatchObject({
      message: 'Acknowledged: Slow, Errors.',
    });
  });

  it.each([
    ['job.batch/batch/export', true],
    ['jobs/batch/export', true],
    ['pod/batch/export-x1', true],
    ['job/shop/export', false],
    ['nonsense', false],
  ])('judges the origin %s: %s, and does not say so', async (origin, originRight) => {
    enter('respond');
    const { message } = await takeDeclaration(
      { type: 'diagnose', who: 'a', origin, mechanism: 'patch' },
      options,
    );
    expect(last()).toMatchObject({ type: 'diagnosed', originRight, mechanismRight: false });
    expect(message).toMatch(/^Noted: .*\. The debrief says whether it is right\.$/);
  });

  it('refuses a type of failure that there is not, and explains those there are', async () => {
    enter('respond');
    const answer = await takeDeclaration({ type: 'diagnose', who: 'a', mechanism: 'gremlins' }, options);
    expect(answer.message).toBe(
      'Expected one of these types of failure, got gremlins:\n  load   too many requests\n  patch  a field was changed',
    );
  });

  it('gives hints one after the other until there are none left', async () => {
    enter('respond');
    expect(await takeDeclaration({ type: 'hint', who: 'a' }, options)).toEqual({
      accepted: true,
      message: 'Look at the clients.',
    });
    expect(await takeDeclaration({ type: 'hint', who: 'a' }, options)).toMatchObject({ accepted: false });
  });

  it('answers a wrong claim with what everybody sees, and only counts the rest', async () => {
    enter('respond');
    expect(await takeDeclaration({ type: 'resolve', who: 'right' }, options)).toEqual({
      accepted: true,
      message: 'Confirmed: the fix held.',
    });
    const wrong = { type: 'resolve', who: 'wrong' } as const;
    expect(await takeDeclaration(wrong, options)).toEqual({
      accepted: false,
      message: 'Not resolved: a steady-state check is failing. The game continues.',
    });
    const signals = [{ id: 'fast', title: 'Checkout p95', query: 'x' }];
    const game = { signals } as unknown as GameState['game'];
    options = { ...options, state: () => ({ ...reduceAll(log.events), game }) };
    const stopped = { id: 'source-stopped', holds: false, seen: 'report-export runs' };
    const fast = { id: 'fast', holds: false, seen: '2.9 s (expected below 250 ms)' };
    options.log.append({ type: 'claimed', who: 'wrong', accepted: false, failing: [fast, stopped] });
    const { message } = await takeDeclaration(wrong, options);
    expect(message).toBe(
      'Not resolved: Checkout p95 2.9 s (expected below 250 ms); 1 other check failing. The game continues.',
    );
    options.log.append({ type: 'claimed', who: 'wrong', accepted: false, failing: [stopped] });
    const { message: hidden } = await takeDeclaration(wrong, options);
    expect(hidden).toBe('Not resolved: 1 check failing. The game continues.');
  });

  it('starts and aborts', async () => {
    enter('brief');
    await takeDeclaration({ type: 'start' }, options);
    await takeDeclaration({ type: 'abort', who: 'a' }, options);
    expect(called).toEqual(['start', 'a aborted the game']);
  });
});
