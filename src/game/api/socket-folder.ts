import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exitCodes, MisfortuneError } from '../../errors.ts';

const prefix = 'desk-';
/** As `mkdtemp` names them. */
const made = /^desk-[A-Za-z0-9]{6}$/;
/** The socket's name in its folder. */
export const socketName = 's';

/** A new private folder whose path leaves room for a socket: macOS takes 104 bytes with the closing NUL. */
export function socketFolder(): string {
  const base = bases().find((one) => Buffer.byteLength(join(one, `${prefix}XXXXXX`, socketName)) < 104);
  if (base) return mkdtempSync(join(base, prefix));
  throw new MisfortuneError(
    'no-socket',
    `Expected a folder for temporary files with a short path, got ${tmpdir()}`,
    {
      todo: 'Set TMPDIR to a path shorter than 90 bytes.',
      exitCode: exitCodes.usage,
    },
  );
}

/** Removes the folders of this user's games that were killed: nobody answers on their socket any more. */
export async function sweepSocketFolders(): Promise<void> {
  for (const base of bases())
    for (const name of entries(base).filter((entry) => made.test(entry))) {
      const folder = join(base, name);
      if (await isDead(folder)) rmSync(folder, { recursive: true, force: true });
    }
}

const bases = (): string[] => [...new Set([tmpdir(), '/tmp'])];

function entries(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** A socket that refuses, in a folder that holds nothing else and is not of this moment. */
async function isDead(folder: string): Promise<boolean> {
  try {
    const { uid, mtimeMs } = statSync(folder);
    if (uid !== process.getuid?.() || Date.now() - mtimeMs < 60_000) return false;
    const inside = readdirSync(folder);
    if (inside.length === 0) return true;
    return inside.length === 1 && inside[0] === socketName && (await refuses(join(folder, socketName)));
  } catch {
    return false;
  }
}

function refuses(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const tell = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => tell(false));
    socket.once('error', (error: NodeJS.ErrnoException) => tell(error.code === 'ECONNREFUSED'));
  });
}
