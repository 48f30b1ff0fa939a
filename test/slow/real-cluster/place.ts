/**
 * Which cluster the suite plays on, by environment:
 * MISFORTUNE_CLUSTER_KUBECONFIG  a kubeconfig; its current context is taken;
 * MISFORTUNE_CLUSTER_PROMETHEUS  a Prometheus that has the shop's series and rules: `namespace/name:port` or a URL; or
 * MISFORTUNE_CLUSTER_ENTER       a command that runs its arguments in the network of a node: then the suite starts
 *                                Debian's Prometheus and Alertmanager there itself.
 */
export interface Place {
  kubeconfig: string;
  prometheus: string | undefined;
  enter: string[];
}

/** Undefined: the suite is skipped, and says why; with MISFORTUNE_REQUIRE_CLUSTER=1 that is an error. */
export function placeToPlay(env: NodeJS.ProcessEnv = process.env): Place | undefined {
  const kubeconfig = env.MISFORTUNE_CLUSTER_KUBECONFIG;
  const prometheus = env.MISFORTUNE_CLUSTER_PROMETHEUS;
  const enter = env.MISFORTUNE_CLUSTER_ENTER?.split(' ').filter(Boolean) ?? [];
  if (kubeconfig && (prometheus || enter.length > 0)) return { kubeconfig, prometheus, enter };
  const lacks = kubeconfig
    ? 'MISFORTUNE_CLUSTER_PROMETHEUS or MISFORTUNE_CLUSTER_ENTER'
    : 'MISFORTUNE_CLUSTER_KUBECONFIG';
  if (env.MISFORTUNE_REQUIRE_CLUSTER === '1')
    throw new Error(`Expected a cluster to play on, because MISFORTUNE_REQUIRE_CLUSTER=1: set ${lacks}.`);
  console.warn(`SKIPPED: a game on a real cluster: ${lacks} is not set (docs/real-cluster.md)`);
  return undefined;
}
