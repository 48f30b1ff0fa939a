import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import { realClock } from '../../../clock.ts';
import { loadCredentials } from '../../../cluster/connection/credentials.ts';
import { exitCodes, MisfortuneError } from '../../../errors.ts';
import { connectConductor } from '../../../game/api/client.ts';
import { requireGameAddress } from '../../../game/api/current.ts';
import type { GameInfo } from '../../../game/api/protocol.ts';
import { responderMonitoring } from '../../../game/start/responder-monitoring.ts';
import { packageRoot, stateHome } from '../../../paths.ts';
import { startRecorder } from '../../../recorder/recorder.ts';
import { responderShell, shellExports } from '../../../recorder/shell.ts';
import { clean } from '../../../words/clean.ts';
import { wrap } from '../../../words/width.ts';
import { askYesOrNo } from '../../ask.ts';
import { interruptSignal } from '../../output.ts';
import type { ElsewhereOptions } from './elsewhere.ts';
import type { JoinedGame } from './joined-game.ts';

export interface JoinOptions extends ElsewhereOptions {
  as: string;
  yes?: boolean;
  printEnv?: boolean;
  command?: string;
}

const consent = ({ isElsewhere }: JoinedGame): string =>
  [
    `This shell is recorded for the game, ${isElsewhere ? "on the game master's machine only (encrypted on the way)" : 'on this machine only'}:`,
    'which kubectl commands you run (verb, object, changed fields), which queries you ask and which dashboards you open.',
    "Not recorded: your typing, what commands print, Secrets' contents.",
    'Before a change is forwarded, the object is saved so that the cluster can be restored.',
  ].join(' ');

/** The responder's shell: everything set, everything recorded, with consent. */
export async function join(options: JoinOptions): Promise<void> {
  const folder = mkdtempSync(joinPath(tmpdir(), 'shell-'));
  try {
    const game = await findGame(options, folder);
    try {
      if (options.yes || (await agrees(game))) await takePart(game, options, folder);
      else process.stdout.write('Nothing was recorded.\n');
    } finally {
      await game.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function findGame(options: JoinOptions, folder: string): Promise<JoinedGame> {
  const { cluster, context, kubeconfig } = options;
  if (cluster !== undefined || context !== undefined || kubeconfig !== undefined)
    return await (await import('./elsewhere.ts')).joinElsewhere(options, folder);
  const client = connectConductor(requireGameAddress(stateHome()), 'responder');
  const info = await client.game();
  const close = async () => undefined;
  return { client, info, kubeconfig: info.kubeconfig || undefined, isElsewhere: false, env: {}, close };
}

async function takePart(game: JoinedGame, options: JoinOptions, folder: string): Promise<void> {
  const { client, info, kubeconfig } = game;
  // On the game master's machine it is on their screen.
  if (game.isElsewhere) process.stderr.write(`${clean(info.title)}\n${briefing(info)}\n`);
  const credentials = await loadCredentials({ kubeconfig, context: info.context });
  const recorder = await startRecorder({
    credentials,
    namespace: info.namespace,
    monitoring: await responderMonitoring(info),
    sink: client,
    who: options.as,
    clock: realClock,
    folder: joinPath(folder, 'recorder'),
  });
  await client.declare({ type: 'join', who: options.as });
  const left = new AbortController();
  void game.follow?.(left.signal);
  try {
    const env = { ...recorder.env, ...game.env, MISFORTUNE_WHO: options.as };
    if (options.printEnv) await printEnvironment(env);
    else process.exitCode = await runShell(options, folder, env, info.context);
  } finally {
    left.abort();
    await client.declare({ type: 'leave', who: options.as }).catch(() => undefined);
    const untaken = await recorder.close();
    if (untaken > 0)
      process.stderr.write(
        `The last ${untaken} actions were not recorded: the game could not be reached any more.\n`,
      );
  }
}

function briefing(info: GameInfo): string {
  return info.briefing.trim().split('\n').map(clean).join('\n');
}

async function agrees(game: JoinedGame): Promise<boolean> {
  process.stdout.write(`${wrap(consent(game), Math.min(process.stdout.columns ?? 80, 100)).join('\n')}\n`);
  if (!process.stdin.isTTY) {
    throw new MisfortuneError(
      'no-consent',
      'Expected consent to the recording, but there is no terminal to ask on.',
      {
        todo: 'Add --yes to consent.',
        exitCode: exitCodes.usage,
      },
    );
  }
  const { answer, typedAhead } = await askYesOrNo('Agree and open the shell? [Y/n] ', process);
  if (typedAhead.length > 0)
    process.stdout.write(
      `These lines were typed before the shell was ready and were not run:\n${typedAhead.map((line) => `  ${clean(line)}\n`).join('')}`,
    );
  return answer;
}

async function printEnvironment(env: Record<string, string>): Promise<void> {
  process.stdout.write(shellExports(env));
  process.stderr.write('Recording until this command ends (Ctrl-C).\n');
  const interrupt = interruptSignal();
  // A pending promise alone does not keep a process alive; the proxies' servers do.
  await new Promise<void>((resolve) =>
    interrupt.signal.addEventListener('abort', () => resolve(), { once: true }),
  );
  interrupt.release();
}

async function runShell(
  options: JoinOptions,
  folder: string,
  env: Record<string, string>,
  context: string,
): Promise<number> {
  const launch = [process.execPath, joinPath(packageRoot, 'src/launch.mjs')];
  const shell = responderShell({ folder, env, launch, prompt: context, inherited: process.env });
  const args = options.command === undefined ? shell.args : ['-c', options.command];
  const command = options.command === undefined ? shell.command : '/bin/sh';
  if (options.command === undefined)
    process.stdout.write(
      'Recorded shell. `misfortune ack|note|diagnose|hint|resolve|dash` reach the game; `exit` leaves the shell.\n',
    );
  const child = spawn(command, args, { stdio: 'inherit', env: shell.env });
  // Ctrl-C belongs to what runs in the shell.
  const ignore = (): void => undefined;
  process.on('SIGINT', ignore);
  const passOn = (signal: NodeJS.Signals): void => void child.kill(signal);
  process.on('SIGTERM', passOn);
  process.on('SIGHUP', passOn);
  try {
    return await new Promise<number>((resolve, reject) => {
      child.on('error', (cause) =>
        reject(
          new MisfortuneError('no-shell', `The shell ${command} could not be started: ${cause.message}`, {
            todo: 'Set SHELL to one that is installed.',
            exitCode: exitCodes.unavailable,
            cause,
          }),
        ),
      );
      child.on('exit', (code, signal) => resolve(code ?? (signal ? 128 : 0)));
    });
  } finally {
    process.off('SIGINT', ignore);
    process.off('SIGTERM', passOn);
    process.off('SIGHUP', passOn);
  }
}
