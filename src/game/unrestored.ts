import { existsSync } from 'node:fs';
import { readLedger } from '../fault/ledger.ts';
import { ledgerState } from '../fault/ledger-state.ts';
import { type GameFolder, gameFolders, validateHome } from '../log/folder.ts';
import { conductorAddress } from './current.ts';

/**
 * Games that left something in a cluster: their ledger holds changes and was never erased, and their conductor is gone.
 * A ledger that cannot be read counts as well: better asked once too often. Oldest first.
 */
export async function findUnrestored(stateHome: string): Promise<GameFolder[]> {
  const found: GameFolder[] = [];
  const folders = [validateHome(stateHome), stateHome].flatMap(gameFolders);
  for (const folder of folders) {
    if (existsSync(folder.ledger) && !conductorAddress(folder) && (await holdsChanges(folder)))
      found.push(folder);
  }
  return found;
}

async function holdsChanges({ ledger }: GameFolder): Promise<boolean> {
  try {
    const { changes, erased } = ledgerState((await readLedger(ledger)).entries);
    return changes.length > 0 && !erased;
  } catch {
    return true;
  }
}
