/**
 * What a container of the image `postgres` runs: it starts the server, sets up what is new, lets connections of the pod's
 * network through to it, and ends with it. The server listens where only this machine gets at it (behind the second wall:
 * only the pods), and never runs longer than this process.
 */
import type { ChildProcess } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ControlChannel } from '../network/preload/control.ts';
import { endWithRuntime } from '../network/preload/lifeline.ts';
import { readSettings } from '../network/preload/settings.ts';
import { forward, toPath, toPort } from './forward.ts';
import { OWNER } from './owner.ts';
import { chooseAddress, exitCode, startServer } from './server.ts';
import { type PostgresSettings, parametersOf } from './settings.ts';
import { identityOf, localClient, setUp, writeAccess } from './setup.ts';

const PORT = 5432;
const POLL_MS = 50;

const settings = readSettings<PostgresSettings>();
const at = chooseAddress();
const parameters = parametersOf(settings.args);
if ('problem' in parameters) fail(`FATAL:  ${parameters.problem}`);
const fresh = !existsSync(settings.marker);
const identity = identityOf(settings.variables);
// As the image's entry point says it.
if (fresh && !identity.password && !identity.trusting)
  fail(
    'Error: Database is uninitialized and superuser password is not specified.\n' +
      '       You must specify POSTGRES_PASSWORD to a non-empty value for the\n' +
      '       superuser. For example, "-e POSTGRES_PASSWORD=password" on "docker run".\n',
  );
if (!fresh)
  process.stdout.write(
    '\nPostgreSQL Database directory appears to contain a database; Skipping initialization\n\n',
  );
writeAccess(settings, fresh);
const server = startServer(settings, at, parameters);
endWithRuntime(() => server.kill('SIGKILL'));
passSignals(server);
server.once('error', ({ message }) => fail(`postgres: ${message}`));
server.once('exit', (code, signal) => process.exit(exitCode(code, signal)));
becomeReady()
  .then(letIn)
  .catch((error: Error) => {
    process.stderr.write(`${error.message}\n`);
    // The image's entry point stops as well when a script of its fails.
    server.removeAllListeners('exit').once('exit', () => process.exit(3));
    server.kill('SIGINT');
  });

async function becomeReady(): Promise<void> {
  while ((await answer()) === 'not yet') await pause();
  if (!fresh) return;
  await setUp(settings, at.port);
  writeAccess(settings, false);
  server.kill('SIGHUP');
  // Nobody gets in before the superuser is out.
  while ((await answer()) !== 'refused') await pause();
  writeFileSync(settings.marker, '');
  process.stdout.write('\nPostgreSQL init process complete; ready for start up.\n\n');
}

/** Inside the pod everybody is trusted, as in the image; others come with a password. */
async function letIn(): Promise<void> {
  const control = new ControlChannel(settings, () => undefined);
  const local = await forward(toPath(join(settings.socketFolder, `.s.PGSQL.${at.port}`)));
  // The first that fits is taken: this one for those inside only.
  control.listen('127.0.0.1', PORT, local);
  control.listen('0.0.0.0', PORT, await forward(toPort(at.port, at.address)));
}

/** What the server says to its superuser. */
async function answer(): Promise<'welcome' | 'refused' | 'not yet'> {
  const client = localClient(settings, at.port, OWNER, 'postgres');
  try {
    await client.connect();
    return 'welcome';
  } catch (error) {
    // 28000: invalid_authorization_specification; https://www.postgresql.org/docs/current/errcodes-appendix.html
    return (error as { code?: string }).code === '28000' ? 'refused' : 'not yet';
  } finally {
    await client.end().catch(() => undefined);
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, POLL_MS));
}

/**
 * The server is in the same group and gets each signal itself. The image's STOPSIGNAL is SIGINT, which ends sessions at
 * once (a fast shutdown), where SIGTERM would wait for them.
 */
function passSignals(child: ChildProcess): void {
  process.on('SIGTERM', () => child.kill('SIGINT'));
  for (const signal of ['SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGUSR1'] as const)
    process.on(signal, () => undefined);
}

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
