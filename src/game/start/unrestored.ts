import { existsSync } from 'node:fs';
import { readLedger } from '../../fault/ledger/ledger.ts';
import { ledgerState } from '../../fault/ledger/state.ts';
import { type GameFolder, gameFolders, validateHome } from '../../log/folder.ts';
import { conductorAddress } from '../api/current.ts';

/**
 * Games that left something in a cluster, if only their Lease: their ledger was begun and never erased, and their
 * conductor is gone. A ledger that cannot be read counts as well: better asked once too often. Oldest first.
 */
export async function findUnrestored(stateHome: string): Promise<GameFolder[]> {
  const found: GameFolder[] = [];
  const folders = [validateHome(stateHome), stateHome].flatMap(gameFolders);
  for (const folder of folders) {
    if (existsSync(folder.ledger) && !conductorAddress(folder) && (await isOpen(folder))) found.push(folder);
  }
  return found;
}

async function isOpen({ ledger }: GameFolder): Promise<boolean> {
  try {
    const { opened, erased } = ledgerState((await readLedger(ledger)).entries);
    return opened !== undefined && !erased;
  } catch {
    return true;
  }
}
