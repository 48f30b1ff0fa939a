import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { quantityNumber } from '../../quantity.ts';
import { findInside, makeFolderInside } from '../confined.ts';
import { BadOption, nodeCommand } from '../runtime/node-command.ts';
import type { ContainerProcess, KubeletContext } from './deps.ts';
import { ConfigError, containerEnvironment, expand } from './environment.ts';
import type { Image } from './images.ts';
import type { Container, Pod } from './pod-types.ts';
import { prepareRoot, type RootFolder } from './rootfs.ts';
import { startTool } from './tool-process.ts';

export interface LaunchRequest {
  pod: Pod;
  container: Container;
  image: Image;
  podIP: string;
  hostIP: string;
  /** Folder of the pod. */
  folder: string;
  log: string;
}

export interface Launched {
  process: ContainerProcess;
  /** The container as commands run beside it see it. */
  inside: Inside;
}

/** What a container's commands see: files, environment, identity. */
export interface Inside {
  root: RootFolder;
  env: Record<string, string>;
  cwd: string;
  hostname: string;
  podIP: string;
  argv: string[];
}

/** The runtime could not start the command; the container ends with 128 and this message. */
export class StartError extends Error {}

export const MAX_LOG_BYTES = 10 * 2 ** 20;
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const NODE = new Set(['node', 'nodejs', '/usr/local/bin/node', '/usr/bin/node']);

/** Makes the container's file system and environment and starts its process; throws ConfigError or StartError. */
export async function launch(request: LaunchRequest, context: KubeletContext): Promise<Launched> {
  const { pod, container, image, podIP } = request;
  const hostname = pod.spec.hostname ?? pod.metadata.name;
  const base: Record<string, string> = { PATH, HOSTNAME: hostname, HOME: '/root' };
  if (image.kind === 'node') base.NODE_VERSION = process.versions.node;
  const env = containerEnvironment(container, { api: context.api, pod, podIP, hostIP: request.hostIP, base });
  const folders = {
    root: join(request.folder, 'containers', container.name),
    volumes: join(request.folder, 'volumes'),
  };
  const root = prepareRoot(folders, pod, container, { hostname, podIP }, env);
  const cwd = workingFolder(root, container.workingDir ?? '/');
  const argv = commandOf(container, image).map((word) => expand(word, env));
  const inside: Inside = { root, env, cwd, hostname, podIP, argv };
  if (image.kind === 'node' && NODE.has(argv[0]!)) {
    return { inside, process: await startNode(request, inside, context) };
  }
  return { inside, process: await startTool(request, inside, context) };
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

/** The image's entry point is `docker-entrypoint.sh`, which puts `node` before options. */
function commandOf(container: Container, image: Image): string[] {
  const given = [...(container.command ?? []), ...(container.args ?? [])];
  if (container.command?.length) return given;
  if (image.kind === 'busybox') return given.length > 0 ? given : ['sh'];
  return given.length === 0 || given[0]!.startsWith('-') ? ['node', ...given] : given;
}

async function startNode(
  { pod, container, podIP, log }: LaunchRequest,
  inside: Inside,
  context: KubeletContext,
): Promise<ContainerProcess> {
  const { root, env, cwd, hostname } = inside;
  const admitted = context.network.admit(pod.metadata.uid);
  const limit = quantityNumber(container.resources?.limits?.memory);
  const command = prepare();
  function prepare(): ReturnType<typeof nodeCommand> {
    try {
      return nodeCommand({
        args: inside.argv.slice(1),
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
