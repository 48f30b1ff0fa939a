import { afterEach, describe, expect, it } from 'vitest';
import { interruptSignal } from '../../src/cli/output.ts';

const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const before = new Map(names.map((name) => [name, process.listeners(name)]));
afterEach(() => {
  for (const name of names)
    for (const listener of process.listeners(name))
      if (!before.get(name)?.includes(listener)) process.off(name, listener);
});

describe('the signal of an interruption', () => {
  it('takes what npm passes on of a Ctrl-C for the same one, so that what is under way can end well', () => {
    const interrupt = interruptSignal();
    expect(process.emit('SIGINT')).toBe(true);
    expect(interrupt.signal.aborted).toBe(true);
    // False: nobody listens, and Node ends the process.
    expect(process.emit('SIGINT')).toBe(true);
    expect(process.emit('SIGHUP')).toBe(true);
  });

  it('still takes a signal that comes while an interrupted command ends, and none of a command that has ended', () => {
    const interrupted = interruptSignal();
    process.emit('SIGINT');
    interrupted.release();
    expect(process.emit('SIGTERM')).toBe(true);
    const ended = interruptSignal();
    const count = process.listenerCount('SIGTERM');
    ended.release();
    expect(process.listenerCount('SIGTERM')).toBe(count - 1);
  });

  it('bears that the reader of a pipe was interrupted as well', () => {
    interruptSignal();
    process.emit('SIGTERM');
    const failure = Object.assign(new Error('write EPIPE'), { code: 'EPIPE' });
    expect(() => process.stdout.emit('error', failure)).not.toThrow();
  });
});
