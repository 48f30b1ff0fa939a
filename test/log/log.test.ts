import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { realClock } from '../../src/clock.ts';
import type { GameEvent } from '../../src/log/events.ts';
import { openLog, readLog } from '../../src/log/log.ts';
import { anyBody } from './event-arbitrary.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'log-'));
  path = join(folder, 'log.jsonl');
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('the log', () => {
  it('gives back what was appended, numbered without gaps', () => {
    fc.assert(
      fc.property(fc.array(anyBody, { maxLength: 10 }), (bodies) => {
        rmSync(path, { force: true });
        const log = openLog(path, realClock);
        for (const body of bodies) log.append(body);
        log.close();
        const { events } = readLog(path);
        expect(events).toEqual(JSON.parse(JSON.stringify(log.events)));
        expect(events.map((event) => event.seq)).toEqual(bodies.map((_, index) => index + 1));
      }),
      { numRuns: 20 },
    );
  });

  it('reads whole events only, wherever a crash cut the file', () => {
    const log = openLog(path, realClock);
    for (const fault of ['ä', 'b', 'c']) log.append({ type: 'operation-recorded', id: fault });
    log.close();
    const whole = readFileSync(path);
    for (let length = whole.length; length >= 0; length--) {
      truncateSync(path, length);
      const { events, unfinished } = readLog(path);
      const lines = whole.subarray(0, length).filter((byte) => byte === 10).length;
      expect(events).toHaveLength(lines);
      expect(unfinished).toBe(length - (lines === 0 ? 0 : whole.subarray(0, length).lastIndexOf(10) + 1));
    }
  });

  it('goes on after a crash: the half line is cut off, numbers and monotonic time continue', () => {
    const first = openLog(path, { ...realClock, now: () => 5000, mono: () => 100 });
    first.append({ type: 'injected' });
    first.close();
    appendFileSync(path, '{"v":1,"seq":2,"at":60');
    const second = openLog(path, { ...realClock, now: () => 8000, mono: () => 7 });
    expect(second.append({ type: 'recovered', by: 'a' })).toMatchObject({ seq: 2, at: 8000, mono: 3000 });
    second.close();
    expect(readLog(path)).toMatchObject({ events: [{ seq: 1 }, { seq: 2 }], unfinished: 0 });
  });

  it('reads types of events under the names of older versions', () => {
    const old = { v: 1, seq: 1, at: 0, mono: 0, type: 'calm-awaited', unmet: [] };
    writeFileSync(path, `${JSON.stringify(old)}\n`);
    expect(readLog(path).events).toEqual([{ ...old, type: 'steady-state-awaited' }]);
  });

  it('hands every event to those who listen, until they stop', () => {
    const log = openLog(path, realClock);
    const seen: GameEvent[] = [];
    const stop = log.listen((event) => seen.push(event));
    log.append({ type: 'injected' });
    stop();
    log.append({ type: 'injected' });
    log.close();
    expect(seen).toHaveLength(1);
  });

  it.each([
    [
      '{"v":1,"seq":1,"at":0,"mono":0,"type":"injected"}\n{"v":1,"seq":3,"at":0,"mono":0,"type":"injected"}\n',
      'log-gap',
      2,
    ],
    ['not json\n{"v":1,"seq":2,"at":0,"mono":0,"type":"injected"}\n', 'log-damaged', 1],
    ['{"v":2,"seq":1,"at":0,"mono":0,"type":"injected"}\n', 'log-damaged', 1],
  ])('refuses damage and names the line: %#', (text, code, line) => {
    writeFileSync(path, text);
    expect(() => readLog(path)).toThrow(expect.objectContaining({ code, place: { file: path, line } }));
  });

  it('says what to do when there is no log', () => {
    expect(() => readLog(join(folder, 'missing'))).toThrow(
      expect.objectContaining({ code: 'log-unreadable' }),
    );
  });
});
