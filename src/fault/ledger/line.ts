import { createHash } from 'node:crypto';
import { exitCodes, MisfortuneError } from '../../errors.ts';
import type { LedgerEntry } from './entry.ts';

/** An entry as both copies of a ledger keep it. Each checksum covers the one before it: a line that is missing shows as much as one that was changed. */
export function formatLine(entry: LedgerEntry, previous: string): { line: string; sum: string } {
  const body = JSON.stringify(entry);
  const sum = checksum(previous, body);
  return { line: `{"sum":"${sum}","entry":${body}}\n`, sum };
}

/** The inverse, without the line's end; undefined if it does not follow on the previous checksum. */
export function parseLine(line: string, previous: string): { entry: LedgerEntry; sum: string } | undefined {
  const match = /^\{"sum":"([0-9a-f]{16})","entry":(.*)\}$/.exec(line);
  if (match?.[1] === undefined || match[1] !== checksum(previous, match[2]!)) return undefined;
  return { entry: JSON.parse(match[2]!) as LedgerEntry, sum: match[1] };
}

/** What is left of a ledger when its pre-images go: what happened, and that they went. */
export function withoutPreimages(entries: readonly LedgerEntry[], at: number): LedgerEntry[] {
  const told = new Set<LedgerEntry['type']>(['opened', 'verified', 'reverted', 'restored']);
  return [...entries.filter((entry) => told.has(entry.type)), { type: 'erased', at }];
}

/** Throws MisfortuneError `ledger-newer` for entries that another version of this program wrote. */
export function assertReadable([first]: readonly LedgerEntry[], where: string): void {
  if (!first || (first.type === 'opened' && first.version === 1)) return;
  throw new MisfortuneError('ledger-newer', `${where} was written by another version of this program.`, {
    todo: 'Recover with the version that wrote it.',
    exitCode: exitCodes.leftover,
  });
}

function checksum(previous: string, body: string): string {
  return createHash('sha256').update(previous).update(body).digest('hex').slice(0, 16);
}
