import { execFile } from 'node:child_process';
import { accessSync, constants, mkdirSync } from 'node:fs';
import { promisify } from 'node:util';
import { stateHome } from '../../paths.ts';
import { type Finding, missing, ok } from './finding.ts';

/** What has to be on the machine itself. */
export async function machineFindings(): Promise<Finding[]> {
  return [ok('Node', process.versions.node), await kubectl(), home()];
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
    return missing('kubectl', seen, 'Responders use it: install kubectl 1.28 or newer.');
  }
}

function home(): Finding {
  const folder = stateHome();
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    accessSync(folder, constants.W_OK);
    return ok('state', folder);
  } catch (error) {
    const seen = `${folder} cannot be written: ${(error as Error).message}`;
    return missing('state', seen, 'Set MISFORTUNE_HOME to a folder of yours.');
  }
}
