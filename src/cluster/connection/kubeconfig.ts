import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, isAbsolute, join, resolve, sep } from 'node:path';
import { parse } from 'yaml';
import { exitCodes, MisfortuneError } from '../../errors.ts';

type Fields = Record<string, unknown>;
type Named<Key extends string> = { name: string } & Partial<Record<Key, Fields>>;

/** A kubeconfig as it is written; several files merged into one. Paths in it are absolute. */
export interface Kubeconfig {
  clusters: Named<'cluster'>[];
  users: Named<'user'>[];
  contexts: Named<'context'>[];
  'current-context': string;
}

/** Of the files that were named none is there. */
export interface NoKubeconfig {
  looked: string[];
}

/**
 * Reads a kubeconfig as kubectl does (client-go, tools/clientcmd/loader.go): the named file, or those of KUBECONFIG, or
 * ~/.kube/config. Of several files one that is not there is passed over; a cluster, user or context is as the first file
 * has it that names it, never a mixture; the current context is that of the first file that has one; paths are relative to
 * their file. @throws MisfortuneError `bad-kubeconfig` for a file that is there and cannot be read
 */
export function readKubeconfig(
  path: string | undefined,
  env: NodeJS.ProcessEnv = process.env,
): Kubeconfig | NoKubeconfig {
  const looked = path === undefined ? filesOf(env) : [path];
  const files = looked.flatMap((file) => readOne(file) ?? []);
  if (files.length === 0) return { looked };
  const merged: Kubeconfig = { clusters: [], users: [], contexts: [], 'current-context': '' };
  for (const file of files) {
    for (const list of ['clusters', 'users', 'contexts'] as const)
      for (const item of file[list])
        if (!merged[list].some(({ name }) => name === item.name)) merged[list].push(item);
    merged['current-context'] ||= file['current-context'];
  }
  return merged;
}

function filesOf({ KUBECONFIG }: NodeJS.ProcessEnv): string[] {
  if (!KUBECONFIG) return [join(homedir(), '.kube', 'config')];
  return [...new Set(KUBECONFIG.split(delimiter))].filter((each) => each !== '');
}

/** undefined: it is not there. */
function readOne(file: string): Kubeconfig | undefined {
  try {
    return understood(parse(readFileSync(file, 'utf8'), { merge: true }) ?? {}, dirname(resolve(file)));
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw new MisfortuneError(
      'bad-kubeconfig',
      `The kubeconfig ${file} cannot be read: ${(cause as Error).message}`,
      { cause, exitCode: exitCodes.usage },
    );
  }
}

function understood(document: unknown, folder: string): Kubeconfig {
  if (!isFields(document)) throw new Error('expected a map with clusters, users and contexts.');
  const clusters = listOf(document, 'clusters', 'cluster');
  const users = listOf(document, 'users', 'user');
  for (const { cluster } of clusters) if (cluster) absolute(cluster, ['certificate-authority'], folder);
  for (const { user } of users) {
    if (!user) continue;
    absolute(user, ['client-certificate', 'client-key', 'tokenFile'], folder);
    // A bare word is looked for on the PATH.
    const { exec } = user;
    if (isFields(exec) && String(exec.command).includes(sep)) absolute(exec, ['command'], folder);
  }
  const current = document['current-context'];
  return {
    clusters,
    users,
    contexts: listOf(document, 'contexts', 'context'),
    'current-context': typeof current === 'string' ? current : '',
  };
}

function listOf<Key extends string>(document: Fields, list: string, key: Key): Named<Key>[] {
  const items = document[list] ?? [];
  if (!Array.isArray(items)) throw new Error(`expected a list under ${list}.`);
  const seen = new Set<string>();
  return items.map((item: unknown) => {
    const name = isFields(item) ? item.name : undefined;
    if (!isFields(item) || typeof name !== 'string')
      throw new Error(`expected a name in each of ${list}, got ${JSON.stringify(item)}.`);
    if (seen.has(name)) throw new Error(`${list} has "${name}" twice.`);
    seen.add(name);
    const fields = item[key];
    return { name, ...(isFields(fields) && { [key]: fields }) } as Named<Key>;
  });
}

function absolute(fields: Fields, keys: readonly string[], folder: string): void {
  for (const key of keys) {
    const path = fields[key];
    if (typeof path === 'string' && path !== '' && !isAbsolute(path)) fields[key] = join(folder, path);
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
