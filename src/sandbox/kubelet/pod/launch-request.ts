import type { ContainerProcess } from '../deps.ts';
import type { Image } from '../images.ts';
import type { RootFolder } from '../volumes/rootfs.ts';
import type { Container, Pod } from './pod-types.ts';

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
