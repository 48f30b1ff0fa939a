import { execFile } from 'node:child_process';
import { accessSync, constants, mkdirSync } from 'node:fs';
import { promisify } from 'node:util';
import { logOfDead } from '../../../game/start/sandbox-link.ts';
import { checkWall } from '../../../game/start/sandbox-process.ts';
import { stateHome } from '../../../paths.ts';
import { findPostgres, whyNoShopDatabase } from '../../../postgres.ts';
import { type Finding, missing, ok, warning } from './finding.ts';

/** What has to be on the machine itself. */
export async function machineFindings(): Promise<Finding[]> {
  return [
    ok('Node', process.versions.node),
    await kubectl(),
    home(),
    await wall(),
    postgres(),
    ...deadSandbox(),
  ];
}

async function kubectl(): Promise<Finding> {
  try {
    const { stdout } = await promisify(execFile)('kubectl', ['version', '--client', '-o', 'json'], {
      timeout: 10_000,
    });
    return ok(
      'kubectl',
      (JSON.parse(stdout) as { clientVersion: { gitVersion: string } }).clientVersion.gitVersion,
    );
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const seen = code === 'ENOENT' ? 'not on the PATH' : message;
    return missing('kubectl', seen, 'Responders need it: install kubectl 1.28 or newer.');
  }
}

/** A machine without it can do everything; what a program in a pod of the sandbox could do differs. */
async function wall(): Promise<Finding> {
  const what = 'second wall';
  const state = await checkWall();
  if (state.stands) return ok(what, 'pods of the sandbox run in namespaces of the kernel');
  const seen = `pods of the sandbox run without namespaces of the kernel: ${state.why}`;
  if (process.platform !== 'linux') return ok(what, seen);
  const todo = 'Install util-linux and iproute2, and allow unprivileged user namespaces: see docs/safety.md.';
  return warning(what, seen, todo);
}

/** Without one, everything works but what has a database. */
function postgres(): Finding {
  const found = findPostgres();
  const why = whyNoShopDatabase(found);
  if (why === undefined && !('missing' in found)) return ok('PostgreSQL', `${found.version} in ${found.bin}`);
  const todo =
    'The shop is without its database: install PostgreSQL 16 or newer, or run `npm ci` in a clone of the project.';
  return warning('PostgreSQL', why ?? '', todo);
}

/** Nothing is said of one that runs or was stopped. */
function deadSandbox(): Finding[] {
  const log = logOfDead({ stateHome: stateHome() });
  const todo = 'Read it soon: the next `misfortune sandbox start` renames it to sandbox.previous.log.';
  return log ? [warning('sandbox', `a sandbox crashed; its log is ${log}`, todo)] : [];
}

function home(): Finding {
  const folder = stateHome();
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    accessSync(folder, constants.W_OK);
    return ok('state', folder);
  } catch (error) {
    const seen = `${folder} cannot be written: ${(error as Error).message}`;
    return missing('state', seen, 'Set MISFORTUNE_HOME to a folder that you can write to.');
  }
}
