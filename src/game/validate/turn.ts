import { createHash } from 'node:crypto';
import { linkSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { isAlive } from '../../alive.ts';
import { exitCodes, MisfortuneError } from '../../errors.ts';
import { readJson, validateHome } from '../../log/folder.ts';

const turnSchema = z.object({ pid: z.int().positive(), server: z.string(), sandbox: z.boolean() });

/** A `validate` of this user that runs. */
export type Turn = z.output<typeof turnSchema>;

/**
 * Two proofs on one cluster would each see the other's faults: the second is refused while the first runs. Gives what ends
 * the turn. @throws MisfortuneError `validate-running`
 */
export function takeTurn(stateHome: string, { server, sandbox }: Omit<Turn, 'pid'>): () => void {
  const home = validateHome(stateHome);
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const file = join(home, `running-${createHash('sha256').update(server).digest('hex').slice(0, 12)}.json`);
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, JSON.stringify({ pid: process.pid, server, sandbox } satisfies Turn), { mode: 0o600 });
  try {
    for (let attempt = 0; attempt < 3; attempt += 1) {
      try {
        // Whole from the first moment on, and never in place of another.
        linkSync(draft, file);
        return () => rmSync(file, { force: true });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      const other = turnIn(file);
      if (other) throw taken(other);
      // Its process is gone: it was killed.
      rmSync(file, { force: true });
    }
  } finally {
    rmSync(draft, { force: true });
  }
  throw new MisfortuneError('validate-running', `Another \`misfortune validate\` was faster on ${server}.`, {
    exitCode: exitCodes.refused,
  });
}

export function validatesInProgress(stateHome: string): Turn[] {
  const home = validateHome(stateHome);
  return filesIn(home).flatMap((name) => turnIn(join(home, name)) ?? []);
}

function filesIn(home: string): string[] {
  try {
    return readdirSync(home).filter((name) => /^running-[0-9a-f]+\.json$/.test(name));
  } catch {
    return [];
  }
}

/** undefined: nobody's, or of a process that is gone. */
function turnIn(file: string): Turn | undefined {
  const turn = turnSchema.safeParse(readJson(file));
  return turn.success && isAlive(turn.data.pid) ? turn.data : undefined;
}

function taken({ server, pid }: Turn): MisfortuneError {
  return new MisfortuneError(
    'validate-running',
    `\`misfortune validate\` runs on ${server} already (process ${pid}): each would see the other's faults.`,
    { todo: 'Wait until it has ended, or end it with Ctrl-C there.', exitCode: exitCodes.refused },
  );
}
