import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { posix } from 'node:path';
import { readInside } from '../../confined.ts';
import type { PostgresSettings } from '../../postgres/settings.ts';
import type { ContainerProcess, KubeletContext } from '../deps.ts';
import type { RootFolder } from '../volumes/rootfs.ts';
import { type Inside, type LaunchRequest, MAX_LOG_BYTES, StartError } from './launch-request.ts';

const SCRIPTS = '/docker-entrypoint-initdb.d';
const MAX_SCRIPT_BYTES = 2 ** 20;

/** Starts a container's PostgreSQL server with the program of ours that looks after it. */
export async function startPostgres(
  { pod, container, folder, log }: LaunchRequest,
  { root, env }: Inside,
  { postgres: host, network, runtime }: KubeletContext,
  args: string[],
): Promise<ContainerProcess> {
  if (!host) throw new StartError('no PostgreSQL is installed on this machine');
  const volume = volumeOf(env.PGDATA ?? '', root);
  // Without a volume a restarted container starts from its image again.
  const place = await host.prepare(volume ?? folder, container.name, volume !== undefined);
  const { found, program } = host.options;
  const admitted = network.admit(pod.metadata.uid);
  const settings: PostgresSettings = {
    ...admitted,
    ...place,
    bin: found.bin,
    major: found.major,
    ...(host.user && { user: host.user }),
    ...(host.userNamespace && { userNamespace: host.userNamespace }),
    statements: await host.hasStatements(),
    args,
    variables: Object.fromEntries(Object.entries(env).filter(([name]) => name.startsWith('POSTGRES_'))),
    scripts: scriptsIn(root),
  };
  const id = randomBytes(8).toString('hex');
  const started = await runtime
    .start({
      id,
      args: [program],
      cwd: '/',
      env: { PATH: env.PATH ?? '' },
      settings: JSON.stringify(settings),
      log,
      maxLogBytes: MAX_LOG_BYTES,
      hide: [
        [place.socketFolder, '/var/run/postgresql'],
        [place.data, env.PGDATA ?? ''],
      ],
      tree: true,
    })
    .catch((error: Error) => {
      throw new StartError(error.message);
    });
  void started.exited.then(() => network.dismiss(admitted.name));
  return { id, exited: started.exited, signal: started.signal };
}

/** The folder of the volume that holds a path of the container; undefined for a file of its own. */
function volumeOf(path: string, root: RootFolder): string | undefined {
  const at = posix.resolve('/', path);
  return root.mounts.find(([mount]) => at === mount || at.startsWith(`${mount}/`))?.[1];
}

/** The image's entry point runs them on a new database: here SQL only. */
function scriptsIn(root: RootFolder): { name: string; text: string }[] {
  const folder = root.real(SCRIPTS);
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return [];
  }
  return names
    .filter((name) => name.endsWith('.sql'))
    .sort()
    .map((name) => ({
      name,
      text: readInside(root.folders, `${folder}/${name}`, MAX_SCRIPT_BYTES).toString('utf8'),
    }));
}
