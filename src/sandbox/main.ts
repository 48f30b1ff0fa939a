/**
 * The embedded staging cluster as a program: `node dist/sandbox.js --folder DIR [--speed N] [--stack shop|none]
 * [--rules FILE]… [--progress] [--lifeline] [--idle-minutes N]`. With --progress it prints a JSON line a step and at the end
 * `{"ready": SandboxState}`. It ends by SIGTERM, SIGINT or SIGHUP, when nobody has used it for a while
 * (--idle-minutes; 0: never), when its state file is gone, and with --lifeline when its standard input closes. --check-wall prints whether the second wall can stand here, and ends.
 */
import { mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { realClock } from './clock.ts';
import { watchIdle } from './idle.ts';
import { watchState } from './orphan.ts';
import { startSandbox } from './start.ts';
import { errorLog, surviveErrors } from './survival.ts';
import { tryWall } from './wall/wall.ts';

const { values } = parseArgs({
  options: {
    folder: { type: 'string' },
    speed: { type: 'string', default: '1' },
    stack: { type: 'string', default: 'shop' },
    rules: { type: 'string', multiple: true },
    progress: { type: 'boolean', default: false },
    lifeline: { type: 'boolean', default: false },
    'check-wall': { type: 'boolean', default: false },
    'idle-minutes': { type: 'string', default: '30' },
  },
});
if (values['check-wall']) {
  process.stdout.write(`${JSON.stringify(tryWall())}\n`);
  process.exit(0);
}
const speed = Number(values.speed);
const idleMinutes = Number(values['idle-minutes']);
if (!values.folder || !(speed > 0) || !(idleMinutes >= 0) || !['shop', 'none'].includes(values.stack)) {
  process.stderr.write(
    'Expected --folder DIR, and optionally --speed N (1 is real time), --stack shop or none, --rules FILE, --idle-minutes N (0: never).\n',
  );
  process.exit(2);
}
const folder = resolve(values.folder);

/** The starter stops listening when the sandbox is up: nobody may be reading any more. */
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
const print = (message: unknown): void => {
  if (values.progress) process.stdout.write(`${JSON.stringify(message)}\n`);
};
mkdirSync(folder, { recursive: true, mode: 0o700 });
const note = errorLog(join(folder, 'sandbox.log'), realClock);
surviveErrors(process, note);

const stopping = new AbortController();
const stop = (): void => stopping.abort(new Error('the sandbox was told to end'));
const stopped = new Promise<void>((done) => stopping.signal.addEventListener('abort', () => done()));
let signals = 0;
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
  process.on(signal, () => {
    // Whoever asks a third time does not want to wait.
    if (++signals > 2) process.exit(1);
    stop();
  });
}
if (values.lifeline) process.stdin.on('close', stop).resume();

try {
  const sandbox = await startSandbox({
    folder,
    dist: dirname(fileURLToPath(import.meta.url)),
    speed,
    stack: values.stack as 'shop' | 'none',
    ...(values.rules && { ruleFiles: values.rules.map((file) => resolve(file)) }),
    idleMinutes,
    signal: stopping.signal,
    onProgress: print,
    onError: note,
  });
  if (idleMinutes > 0) watchIdle(realClock, idleMinutes, stop);
  watchState(realClock, join(folder, 'sandbox.json'), process.pid, stop);
  print({ ready: sandbox.state });
  await stopped;
  await sandbox.close();
  process.exit(0);
} catch (error) {
  if (stopping.signal.aborted) process.exit(0);
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
