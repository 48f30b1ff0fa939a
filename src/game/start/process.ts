import { setMaxListeners } from 'node:events';
import { createInterface } from 'node:readline';
import { describeError, exitCodes, MisfortuneError } from '../../errors.ts';
import { type Conductor, openConductor } from '../conductor.ts';
import { type GameOptions, setUpGame } from './options.ts';

// One signal reaches every request of a process: many listeners are no leak.
setMaxListeners(0);

/**
 * dist/conductor.js: hosts one game. The first line of its standard input is its GameOptions (the list of processes
 * would give the scenario away); the rest is its lifeline: when it closes, when a signal comes, or when something is
 * thrown, the game is aborted and the cluster restored before this process ends. Its first line on standard output is
 * { address } or { error }.
 */
let conductor: Conductor | undefined;
let early: Error | undefined;

for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => abort(interrupted(name)));
const input = createInterface({ input: process.stdin });
const firstLine = new Promise<string>((resolve) => input.once('line', resolve));
input.once('close', () => abort(interrupted('its terminal closed')));
process.stdin.on('error', () => {});
process.on('uncaughtException', (error) => abort(defect(error)));
process.on('unhandledRejection', (error) => abort(defect(error)));
// The reader may be gone: that is what the lifeline tells.
process.stdout.on('error', () => {});
process.stderr.on('error', () => {});

await main();

async function main(): Promise<void> {
  try {
    conductor = await openConductor(await setUpGame(await optionsOf()));
  } catch (error) {
    const { code, todo, exitCode } =
      error instanceof MisfortuneError
        ? error
        : { code: 'internal', todo: undefined, exitCode: exitCodes.internal };
    const message = describeError(error).split('\n')[0];
    await writeLine({ error: { code, message, todo, exitCode } });
    process.exit(exitCode);
  }
  await writeLine({ address: conductor.address });
  if (early) conductor.abort(early);
  const { exitCode } = await conductor.run();
  process.exit(exitCode);
}

async function optionsOf(): Promise<GameOptions> {
  const closed = new Promise<undefined>((resolve) => input.once('close', () => resolve(undefined)));
  const line = await Promise.race([firstLine, closed]);
  if (line !== undefined) return JSON.parse(line) as GameOptions;
  throw new MisfortuneError('no-options', 'Expected GameOptions as the first line of standard input.', {
    exitCode: exitCodes.usage,
  });
}

function abort(reason: Error): void {
  if (conductor) conductor.abort(reason);
  else early ??= reason;
}

function interrupted(by: string): MisfortuneError {
  return new MisfortuneError('interrupted', `Interrupted: ${by}`, { exitCode: exitCodes.interrupted });
}

function defect(error: unknown): MisfortuneError {
  const message = `A defect of this program: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
  return new MisfortuneError('internal', message, { exitCode: exitCodes.internal, cause: error });
}

function writeLine(value: unknown): Promise<void> {
  return new Promise((resolve) => {
    process.stdout.write(`${JSON.stringify(value)}\n`, () => resolve());
  });
}
