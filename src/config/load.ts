import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { readDocument } from '../document/read.ts';
import { validate } from '../document/validate.ts';
import type { MisfortuneError } from '../errors.ts';
import { packageRoot } from '../paths.ts';
import type { Announce } from './announce.ts';
import { type Config, configSchema } from './schema.ts';

const configNames = ['misfortune.yaml', 'misfortune.yml'] as const;

export interface LoadedConfig {
  /** Undefined: there is no file, only the sandbox can be played on. */
  file?: string;
  /** All paths are absolute; our own scenarios and playbooks come first. */
  config: Config;
  problems: MisfortuneError[];
}

/**
 * Loads misfortune.yaml: the given one, else the nearest upwards from `cwd`, else the defaults. A broken file gives
 * problems and the defaults, so that the sandbox can be played on all the same.
 */
export async function loadConfig(options: { file?: string; cwd?: string } = {}): Promise<LoadedConfig> {
  const file = options.file ? resolve(options.file) : findConfig(options.cwd ?? process.cwd());
  if (file === undefined) return { config: defaultConfig(), problems: [] };
  const { document, problems } = await readDocument(file);
  if (!document) return { file, config: defaultConfig(), problems };
  const checked = validate(document, configSchema);
  if (!checked.value) return { file, config: defaultConfig(), problems: checked.problems };
  return { file, config: withAbsolutePaths(checked.value, dirname(file)), problems: [] };
}

/** The nearest misfortune.yaml in `folder` or above it. */
function findConfig(folder: string): string | undefined {
  const found = configNames.map((name) => join(folder, name)).find((path) => existsSync(path));
  if (found) return found;
  const parent = dirname(folder);
  return parent === folder ? undefined : findConfig(parent);
}

function defaultConfig(): Config {
  return {
    apiVersion: 'misfortune/v1',
    kind: 'Config',
    scenarios: [join(packageRoot, 'scenarios')],
    playbooks: [join(packageRoot, 'playbooks')],
    clusters: {},
  };
}

function withAbsolutePaths(config: Config, folder: string): Config {
  const own = defaultConfig();
  const absolute = (path: string): string => {
    if (path === '~' || path.startsWith('~/')) return join(homedir(), path.slice(1));
    return isAbsolute(path) ? path : join(folder, path);
  };
  const endpoint = <Endpoint extends { tokenFile?: string } | undefined>(value: Endpoint): Endpoint =>
    value?.tokenFile ? { ...value, tokenFile: absolute(value.tokenFile) } : value;
  const withAbsoluteFile = ({ webhook, template }: Announce): Announce => {
    const { urlFile } = webhook;
    return { webhook: urlFile === undefined ? webhook : { urlFile: absolute(urlFile) }, template };
  };
  const clusters = Object.entries(config.clusters).map(([name, cluster]) => [
    name,
    {
      ...cluster,
      ...(cluster.kubeconfig && { kubeconfig: absolute(cluster.kubeconfig) }),
      prometheus: endpoint(cluster.prometheus),
      ...(cluster.alertmanager && { alertmanager: endpoint(cluster.alertmanager) }),
      ...(cluster.grafana && { grafana: endpoint(cluster.grafana) }),
      rulers: cluster.rulers.map(endpoint),
      ...(cluster.announce && { announce: withAbsoluteFile(cluster.announce) }),
    },
  ]);
  const unique = (paths: string[]): string[] => [...new Set(paths)];
  return {
    ...config,
    scenarios: unique([...own.scenarios, ...config.scenarios.map(absolute)]),
    playbooks: unique([...own.playbooks, ...config.playbooks.map(absolute)]),
    clusters: Object.fromEntries(clusters),
  };
}
