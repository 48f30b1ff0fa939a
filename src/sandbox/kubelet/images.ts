import { createHash } from 'node:crypto';

/** What an image stands for: a program of this host, or nothing. */
export interface Image {
  kind: 'node' | 'busybox' | 'redis' | 'postgres';
  /** As the status reports it. */
  name: string;
  id: string;
}

const OFFICIAL = ['node', 'busybox', 'redis', 'postgres'] as const;

/**
 * `node:*` is this host's Node, `busybox:*` the sandbox's own shell and tools, `redis:*` a program of ours that speaks as Redis
 * does, `postgres:*` a PostgreSQL server of this machine, if it has one; there are no other images.
 */
export function findImage(name: string, has: { postgres: boolean }): Image | undefined {
  const { repository, tag } = split(name);
  const id = `${repository}@sha256:${createHash('sha256').update(name).digest('hex')}`;
  const [, official = ''] = /^docker\.io\/library\/(\w+)$/.exec(repository) ?? [];
  const kind = OFFICIAL.find((one) => one === official);
  if (kind === 'postgres' && !has.postgres) return undefined;
  if (kind) return { kind, name: full(name, repository, tag), id };
  if (name === 'localhost/busybox:1') return { kind: 'busybox', name, id };
  return undefined;
}

const host =
  '(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)(?:\\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*(?::[0-9]+)?';
const part = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const reference = new RegExp(
  `^(?:${host}/)?${part}(?:/${part})*(?::[\\w][\\w.-]{0,127})?(?:@[A-Za-z][A-Za-z0-9]*:[0-9a-fA-F]{32,})?$`,
);

/** What the kubelet says of a name that is none (distribution/reference); undefined for one that is. */
export function nameError(name: string): string | undefined {
  if (reference.test(name)) return undefined;
  const lower = name.toLowerCase();
  const why = reference.test(lower) ? `: repository name (${split(name).path}) must be lowercase` : '';
  return `Failed to apply default image tag ${JSON.stringify(name)}: couldn't parse image name ${JSON.stringify(name)}: invalid reference format${why}`;
}

/** What containerd says of an image that cannot be pulled: no registry can be reached from here. */
export function pullError(name: string): string {
  const { registry, path, tag, repository } = split(name);
  const host = registry === 'docker.io' ? 'registry-1.docker.io' : registry;
  const reason =
    registry === 'localhost'
      ? 'dial tcp 127.0.0.1:443: connect: connection refused'
      : `dial tcp: lookup ${host}: no such host`;
  return (
    `failed to pull and unpack image "${repository}:${tag}": failed to resolve image: ` +
    `failed to do request: Head "https://${host}/v2/${path}/manifests/${tag}": ${reason}`
  );
}

function full(given: string, repository: string, tag: string): string {
  return given.includes('@') ? given : `${repository}:${tag}`;
}

/** Image names without a registry are Docker Hub's: `node:20` is `docker.io/library/node:20`. */
function split(name: string): { registry: string; path: string; repository: string; tag: string } {
  const [unpinned = ''] = name.split('@');
  const slash = unpinned.indexOf('/');
  const first = slash > 0 ? unpinned.slice(0, slash) : '';
  const hasRegistry = first === 'localhost' || /[.:]/.test(first);
  const registry = hasRegistry ? first : 'docker.io';
  const rest = hasRegistry ? unpinned.slice(slash + 1) : unpinned;
  const colon = rest.lastIndexOf(':');
  const tag = colon > 0 ? rest.slice(colon + 1) : 'latest';
  const bare = colon > 0 ? rest.slice(0, colon) : rest;
  const path = !hasRegistry && !bare.includes('/') ? `library/${bare}` : bare;
  return { registry, path, repository: `${registry}/${path}`, tag };
}
