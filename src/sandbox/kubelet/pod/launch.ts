import { randomBytes } from 'node:crypto';
import { closeSync, constants, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { quantityNumber } from '../../../quantity.ts';
import { findInside, makeFolderInside, openInside } from '../../confined.ts';
import { BadOption, nodeCommand } from '../../runtime/node-command.ts';
import type { ContainerProcess, KubeletContext } from '../deps.ts';
import type { Image } from '../images.ts';
import { startTool } from '../sessions/tool-process.ts';
import { prepareRoot, type RootFolder } from '../volumes/rootfs.ts';
import { ConfigError, containerEnvironment, expand } from './environment.ts';
import { startPostgres } from './launch-postgres.ts';
import {
  type Inside,
  type Launched,
  type LaunchRequest,
  MAX_LOG_BYTES,
  StartError,
} from './launch-request.ts';
import type { Container } from './pod-types.ts';

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const NODE = new Set(['node', 'nodejs', '/usr/local/bin/node', '/usr/bin/node']);
const REDIS = new Set(['redis-server', '/usr/local/bin/redis-server']);
const POSTGRES = new Set(['postgres', '/usr/local/bin/postgres']);
/** Where the image of ours has its program. */
const REDIS_PROGRAM = '/usr/local/bin/redis-server.cjs';

/** Makes the container's file system and environment and starts its process; throws ConfigError or StartError. */
export async function launch(request: LaunchRequest, context: KubeletContext): Promise<Launched> {
  const { pod, container, image, podIP } = request;
  const hostname = pod.spec.hostname ?? pod.metadata.name;
  const base: Record<string, string> = { PATH, HOSTNAME: hostname, HOME: '/root' };
  if (image.kind === 'node') base.NODE_VERSION = process.versions.node;
  if (image.kind === 'redis') base.REDIS_VERSION = '7.0.15';
  if (image.kind === 'postgres') Object.assign(base, postgresVariables(context));
  const env = containerEnvironment(container, { api: context.api, pod, podIP, hostIP: request.hostIP, base });
  const folders = {
    root: join(request.folder, 'containers', container.name),
    volumes: join(request.folder, 'volumes'),
  };
  const root = prepareRoot(folders, pod, container, { hostname, podIP }, env);
  const cwd = workingFolder(root, container.workingDir ?? '/');
  const argv = commandOf(container, image).map((word) => expand(word, env));
  const inside: Inside = { root, env, cwd, hostname, podIP, argv };
  if (image.kind === 'node' && NODE.has(argv[0]!))
    return { inside, process: await startNode(request, inside, context, argv.slice(1)) };
  if (image.kind === 'redis' && REDIS.has(argv[0]!)) {
    install(context.redis, root);
    const args = [REDIS_PROGRAM, ...argv.slice(1)];
    return { inside, process: await startNode(request, inside, context, args) };
  }
  if (image.kind === 'postgres' && POSTGRES.has(argv[0]!))
    return { inside, process: await startPostgres(request, inside, context, argv.slice(1)) };
  return { inside, process: await startTool(request, inside, context) };
}

/** As the image has them; since 18 each major version has a folder of its own. */
function postgresVariables({ postgres }: KubeletContext): Record<string, string> {
  const { version = '', major = 0 } = postgres?.options.found ?? {};
  const folder = major >= 18 ? `${major}/docker` : 'data';
  return { PG_MAJOR: String(major), PG_VERSION: version, PGDATA: `/var/lib/postgresql/${folder}` };
}

/** Brings the program of an image of ours into the container. */
function install(program: string, root: RootFolder): void {
  const { O_CREAT, O_TRUNC, O_WRONLY } = constants;
  const file = openInside(root.folders, root.real(REDIS_PROGRAM), O_CREAT | O_TRUNC | O_WRONLY);
  try {
    writeFileSync(file, readFileSync(program));
  } finally {
    closeSync(file);
  }
}

/** Made if it is not there, as runc does. */
function workingFolder(root: RootFolder, path: string): string {
  try {
    makeFolderInside(root.folders, root.real('.'));
    return path;
  } catch {
    throw new StartError(`chdir to cwd (${JSON.stringify(path)}) set in config.json failed: not a directory`);
  }
}

const PROGRAM = { node: 'node', redis: 'redis-server', postgres: 'postgres' };

/** The entry point of an official image is `docker-entrypoint.sh`, which puts its program before options. */
function commandOf(container: Container, image: Image): string[] {
  const given = [...(container.command ?? []), ...(container.args ?? [])];
  if (container.command?.length) return given;
  if (image.kind === 'busybox') return given.length > 0 ? given : ['sh'];
  const program = PROGRAM[image.kind];
  const options =
    given.length === 0 ||
    given[0]!.startsWith('-') ||
    (image.kind === 'redis' && given[0]!.endsWith('.conf'));
  return options ? [program, ...given] : given;
}

async function startNode(
  { pod, container, podIP, log }: LaunchRequest,
  inside: Inside,
  context: KubeletContext,
  args: string[],
): Promise<ContainerProcess> {
  const { root, env, cwd, hostname } = inside;
  const admitted = context.network.admit(pod.metadata.uid);
  const limit = quantityNumber(container.resources?.limits?.memory);
  const command = prepare();
  function prepare(): ReturnType<typeof nodeCommand> {
    try {
      return nodeCommand({
        args,
        real: root.real,
        env,
        preload: context.preload,
        readable: root.readable,
        writable: root.writable,
        settings: { ...admitted, root: root.root, mounts: root.mounts, hostname, podIP, cwd },
        ...(limit && { memoryLimitBytes: limit }),
      });
    } catch (error) {
      if (error instanceof BadOption) throw new StartError(error.message);
      throw error;
    }
  }
  const id = randomBytes(8).toString('hex');
  const started = await context.runtime
    .start({
      id,
      ...command,
      cwd: findInside(root.folders, root.real('.')),
      log,
      maxLogBytes: MAX_LOG_BYTES,
      hide: [...root.mounts.map(([at, real]): [string, string] => [real, at]), [root.root, '']],
    })
    .catch((error: Error) => {
      throw new StartError(error.message);
    });
  void started.exited.then(() => context.network.dismiss(admitted.name));
  return { id, exited: started.exited, signal: started.signal };
}

export { ConfigError };
