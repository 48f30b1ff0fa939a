import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../../clock.ts';
import { loadCredentials } from '../../cluster/connection/credentials.ts';
import { scriptedPlayers } from '../../log/players.ts';
import { program } from '../../paths.ts';
import { startRecorder } from '../../recorder/recorder.ts';
import { responderShell } from '../../recorder/shell.ts';
import type { ConductorClient } from '../api/client.ts';
import { responderMonitoring } from '../start/responder-monitoring.ts';
import type { ResponderAccess } from '../start/setup.ts';

/** Somebody on call who types exactly the lines they are given, through the recorder, as `misfortune join` would. */
export interface ScriptedResponder {
  run(line: string): Promise<{ exitCode: number; output: string }>;
  close(): Promise<void>;
}

/** A command that hangs is ended after this, real ms. */
const commandPatience = 120_000;

export const scriptedName = scriptedPlayers.proving;

export async function startScriptedResponder(options: {
  access: ResponderAccess;
  client: ConductorClient;
  stateHome: string;
  clock: Clock;
  signal: AbortSignal;
}): Promise<ScriptedResponder> {
  const { access, client, stateHome, clock, signal } = options;
  const folder = mkdtempSync(join(tmpdir(), 'shell-'));
  const credentials = await loadCredentials({
    kubeconfig: access.kubeconfig || undefined,
    context: access.context,
  });
  const { namespace } = access;
  const recorder = await startRecorder({
    credentials,
    namespace,
    monitoring: await responderMonitoring(access),
    sink: client,
    who: scriptedName,
    clock,
    folder: join(folder, 'recorder'),
  });
  const env = { ...recorder.env, MISFORTUNE_HOME: stateHome, MISFORTUNE_WHO: scriptedName, NO_COLOR: '1' };
  const launch = [process.execPath, program('cli.js')];
  const inherited = { ...process.env, SHELL: '/bin/sh' };
  const shell = responderShell({ folder, env, launch, prompt: access.context, inherited });
  return {
    run: (line) => runLine(line, shell.env, signal),
    async close() {
      await recorder.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A non-interactive shell without anybody's start-up files. */
function runLine(
  line: string,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<{ exitCode: number; output: string }> {
  return new Promise((resolve) => {
    const child = spawn('/bin/sh', ['-c', line], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      signal,
      timeout: commandPatience,
    });
    let output = '';
    const collect = (text: string) => {
      output = (output + text).slice(-4000);
    };
    child.stdout.setEncoding('utf8').on('data', collect);
    child.stderr.setEncoding('utf8').on('data', collect);
    child.once('error', (error) => resolve({ exitCode: 127, output: error.message }));
    child.once('close', (code, killedBy) => {
      const ended = killedBy ? `\nended by ${killedBy} after ${commandPatience / 1000} s at most` : '';
      resolve({ exitCode: code ?? 128, output: output + ended });
    });
  });
}
