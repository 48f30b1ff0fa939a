import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { isAlive } from '../../alive.ts';
import { exitCodes, MisfortuneError } from '../../errors.ts';
import { type GameFolder, gameFolder, gamesHome, readJson, writeWhole } from '../../log/folder.ts';
import type { ConductorAddress } from './protocol.ts';

/** Lets other processes of this user find the game: `conductor.json` in its folder, `current.json` beside all games. */
export function announceGame(stateHome: string, folder: GameFolder, address: ConductorAddress): void {
  writeWhole(folder.conductor, JSON.stringify(address));
  writeWhole(currentFile(stateHome), JSON.stringify({ folder: folder.path, pid: address.pid }));
}

/** Takes the announcement back, unless another game has come in between. */
export function withdrawGame(stateHome: string, folder: GameFolder): void {
  rmSync(folder.conductor, { force: true });
  const current = currentSchema.safeParse(readJson(currentFile(stateHome)));
  if (current.data?.folder === folder.path) rmSync(currentFile(stateHome), { force: true });
}

/** The game that runs now, if its conductor is alive. */
export function currentGame(
  stateHome: string,
): { folder: GameFolder; address: ConductorAddress } | undefined {
  const current = currentSchema.safeParse(readJson(currentFile(stateHome)));
  if (!current.success) return undefined;
  const folder = gameFolder(current.data.folder);
  const address = conductorAddress(folder);
  return address && { folder, address };
}

/**
 * There is one game at a time on a machine.
 * @throws MisfortuneError `game-running`
 */
export function assertNoGame(stateHome: string): void {
  const other = currentGame(stateHome);
  if (!other) return;
  throw new MisfortuneError('game-running', `Game ${other.folder.id} runs already.`, {
    todo: '`misfortune join` takes part in it; wait for its end, or abort it: `q` in its window.',
    exitCode: exitCodes.refused,
  });
}

/** In the environment of a shell that has joined a game on another machine: a file with the address of its relay. */
export const relayVariable = 'MISFORTUNE_GAME';

/**
 * Where the game is heard of that this shell has joined from another machine, or else the one that runs on this machine.
 * @throws MisfortuneError `no-game`
 */
export function requireGameAddress(
  stateHome: string,
  env: NodeJS.ProcessEnv = process.env,
): ConductorAddress {
  const relay = env[relayVariable];
  const address = relay === undefined ? currentGame(stateHome)?.address : addressIn(relay);
  if (address) return address;
  if (relay !== undefined)
    throw new MisfortuneError('no-game', 'This shell is no longer part of the game.', {
      exitCode: exitCodes.usage,
    });
  throw new MisfortuneError('no-game', 'No game runs now.', {
    todo: 'Start one with `misfortune play`, or join one on another machine with `misfortune join --context NAME`.',
    exitCode: exitCodes.usage,
  });
}

/** Where the conductor of that game listens; undefined once it is gone, however it went. */
export function conductorAddress(folder: GameFolder): ConductorAddress | undefined {
  return addressIn(folder.conductor);
}

function addressIn(file: string): ConductorAddress | undefined {
  const address = addressSchema.safeParse(readJson(file));
  return address.success && isAlive(address.data.pid) ? address.data : undefined;
}

const currentSchema = z.object({ folder: z.string(), pid: z.number() });

export const addressSchema: z.ZodType<ConductorAddress> = z.object({
  version: z.literal(1),
  game: z.string(),
  pid: z.int().positive(),
  socket: z.string(),
  tokens: z.object({ responder: z.string(), master: z.string() }),
});

function currentFile(stateHome: string): string {
  return join(gamesHome(stateHome), 'current.json');
}
