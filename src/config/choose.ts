import { exitCodes, MisfortuneError } from '../errors.ts';
import { suggest } from '../words/nearest.ts';
import type { LoadedConfig } from './load.ts';
import type { ClusterConfig } from './schema.ts';

/** A cluster of misfortune.yaml by its name. Throws `no-config`, `unknown-cluster`. */
export function chooseCluster({ config, file, problems }: LoadedConfig, name: string): ClusterConfig {
  const [problem] = problems;
  if (problem) throw problem;
  const cluster = Object.hasOwn(config.clusters, name) ? config.clusters[name] : undefined;
  if (cluster) return cluster;
  if (file === undefined) {
    throw new MisfortuneError(
      'no-config',
      'There is no misfortune.yaml here or above: only the sandbox can be played on.',
      {
        todo: 'Write one with your staging cluster; the README shows how.',
        exitCode: exitCodes.refused,
      },
    );
  }
  throw new MisfortuneError('unknown-cluster', `misfortune.yaml has no cluster "${name}".`, {
    place: { file },
    todo: suggest(name, Object.keys(config.clusters)),
    exitCode: exitCodes.usage,
  });
}
