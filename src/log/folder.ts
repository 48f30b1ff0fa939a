import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { exitCodes, MisfortuneError } from '../errors.ts';

/** The files of one game. The folder is self-contained: it can be replayed, graded and reported anywhere. */
export interface GameFolder {
  /** e.g. 2026-11-22-0742 */
  id: string;
  path: string;
  log: string;
  /** What we and the responders changed, with pre-images; these are erased after a verified restore. */
  ledger: string;
  /** Everything that the game could touch, as it was before: what `recover --verify` compares with. */
  baseline: string;
  /** Address and tokens of the conductor while it runs. */
  conductor: string;
  scenario: string;
  playbook: string;
  /** The params that the scenario was played with: overrides and measured values. */
  params: string;
  /** Alerting and recording rules as Prometheus told them at the start. */
  rules: string;
  dashboards: string;
  series: string;
  scorecard: string;
  /** report('html'), report('md'), report('json') */
  report(extension: string): string;
}

export function gameFolder(path: string): GameFolder {
  const folder = resolve(path);
  const file = (name: string) => join(folder, name);
  return {
    id: basename(folder),
    path: folder,
    log: file('log.jsonl'),
    ledger: file('ledger.jsonl'),
    baseline: file('baseline.json'),
    conductor: file('conductor.json'),
    scenario: file('scenario.yaml'),
    playbook: file('playbook.yaml'),
    params: file('params.json'),
    rules: file('rules.json'),
    dashboards: file('dashboards'),
    series: file('series'),
    scorecard: file('scorecard.json'),
    report: (extension) => file(`report.${extension}`),
  };
}

/** Makes the folder of a new game, readable by its owner only, and never takes one that is there. */
export function createGameFolder(stateHome: string, now: number): GameFolder {
  const games = gamesHome(stateHome);
  const stamp = gameStamp(now);
  try {
    mkdirSync(games, { recursive: true, mode: 0o700 });
    for (let round = 1; ; round++) {
      const folder = gameFolder(join(games, round === 1 ? stamp : `${stamp}-${round}`));
      if (!makeDirectory(folder.path)) continue;
      mkdirSync(folder.dashboards, { mode: 0o700 });
      mkdirSync(folder.series, { mode: 0o700 });
      return folder;
    }
  } catch (cause) {
    throw new MisfortuneError(
      'no-game-folder',
      `No folder for the game in ${games}: ${(cause as Error).message}`,
      {
        todo: 'Make that folder writable, or set MISFORTUNE_HOME to another place.',
        exitCode: exitCodes.usage,
        cause,
      },
    );
  }
}

export function gamesHome(stateHome: string): string {
  return join(stateHome, 'games');
}

/** Folders of all games, oldest first. */
export function gameFolders(stateHome: string): GameFolder[] {
  return entries(gamesHome(stateHome))
    .filter((name) => gameId.test(name))
    .sort(byId)
    .map((name) => gameFolder(join(gamesHome(stateHome), name)));
}

/** Games that prove scenarios are kept apart: they are nobody's practice. */
export function validateHome(stateHome: string): string {
  return join(stateHome, 'validate');
}

/** A game by its id (also one that proved a scenario), by the path of its folder, or `last`. */
export function findGameFolder(stateHome: string, name: string): GameFolder {
  const all = gameFolders(stateHome);
  const proving = gameFolders(validateHome(stateHome));
  const named = name === 'last' ? all.at(-1) : [...all, ...proving].find((folder) => folder.id === name);
  if (named) return named;
  if (entries(name).includes('log.jsonl')) return gameFolder(name);
  throw new MisfortuneError('unknown-game', `There is no game "${name}".`, {
    todo:
      all.length > 0
        ? `The last one is ${all.at(-1)?.id}; \`misfortune games\` lists all.`
        : 'No game has been played yet.',
    exitCode: exitCodes.usage,
  });
}

/** Replaces a file in one step, so that a reader never sees half of it. */
export function writeWhole(path: string, content: string | Uint8Array): void {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    writeFileSync(temporary, content, { mode: 0o600, flush: true });
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** Parsed JSON of a file, or undefined if it is missing or not whole. */
export function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

const gameId = /^\d{4}-\d{2}-\d{2}-\d{4}(-\d+)?$/;

/** Local time, because people look for "the game at a quarter to eight". */
function gameStamp(now: number): string {
  const at = new Date(now);
  const two = (part: number) => String(part).padStart(2, '0');
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day}-${two(at.getHours())}${two(at.getMinutes())}`;
}

function byId(a: string, b: string): number {
  const stamp = (id: string) => id.slice(0, 15);
  const round = (id: string) => Number(id.slice(16) || 1);
  return stamp(a).localeCompare(stamp(b)) || round(a) - round(b);
}

function makeDirectory(path: string): boolean {
  try {
    mkdirSync(path, { mode: 0o700 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function entries(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
