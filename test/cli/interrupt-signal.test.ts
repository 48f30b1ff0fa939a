import { afterEach, describe, expect, it } from 'vitest';
import { interruptSignal } from '../../src/cli/output.ts';

let release = (): void => undefined;
afterEach(() => release());

describe('the signal of an interruption', () => {
  it('takes what npm passes on of a Ctrl-C for the same one, so that what is under way can end well', () => {
    const interrupt = interruptSignal();
    release = interrupt.release;
    expect(process.emit('SIGINT')).toBe(true);
    expect(interrupt.signal.aborted).toBe(true);
    // False: nobody listens, and Node ends the process.
    expect(process.emit('SIGINT')).toBe(true);
    expect(process.emit('SIGHUP')).toBe(true);
  });

  it('bears that the reader of a pipe was interrupted as well', () => {
    const interrupt = interruptSignal();
    release = interrupt.release;
    process.emit('SIGTERM');
    const failure = Object.assign(new Error('write EPIPE'), { code: 'EPIPE' });
    expect(() => process.stdout.emit('error', failure)).not.toThrow();
  });
});
