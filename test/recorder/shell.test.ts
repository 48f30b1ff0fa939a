import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { shellExports } from '../../src/recorder/shell.ts';

/** What a real sh has in the variable after it took the lines. */
function taken(name: string, value: string): string {
  const script = `${shellExports({ [name]: value })}printf '%s.' "$${name}"`;
  return execFileSync('/bin/sh', ['-c', script], { encoding: 'utf8' }).slice(0, -1);
}

it('case C9: the printed environment is taken by sh with a quote in the name', () => {
  expect(taken('MISFORTUNE_WHO', "l'astreinte")).toBe("l'astreinte");
});

it('the printed environment gives every value back, whatever is in it', () => {
  const nasty = fc.constantFrom("'", '"', '\\', '$', '`', '\n', ' ', '!', ';', '$(date)', 'é', '*', '#');
  const value = fc.array(fc.oneof(nasty, fc.string({ maxLength: 4 })), { maxLength: 6 });
  fc.assert(
    fc.property(value, (parts) => {
      const text = parts.join('').replaceAll('\0', '');
      expect(taken('WHO', text)).toBe(text);
    }),
    { numRuns: 60 },
  );
});
