import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The package's own folder, whether this runs from src/ or from a bundle in dist/. */
export const packageRoot: string = findPackageRoot(dirname(fileURLToPath(import.meta.url)));

/** As package.json has it. */
export function packageVersion(): string {
  return (JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { version: string }).version;
}

/** A bundled program, e.g. `program('sandbox.js')`. */
export function program(name: string): string {
  return join(packageRoot, 'dist', name);
}

/**
 * Where games, the sandbox and histories are kept: $MISFORTUNE_HOME, else $XDG_STATE_HOME/misfortune,
 * else ~/.local/state/misfortune (also on macOS, where command-line tools keep to the same habit).
 */
export function stateHome(env: NodeJS.ProcessEnv = process.env): string {
  if (env.MISFORTUNE_HOME) return env.MISFORTUNE_HOME;
  return join(env.XDG_STATE_HOME || join(homedir(), '.local', 'state'), 'misfortune');
}

function findPackageRoot(from: string): string {
  if (existsSync(join(from, 'package.json'))) return from;
  const parent = dirname(from);
  if (parent === from) throw new Error('the package folder was not found');
  return findPackageRoot(parent);
}
