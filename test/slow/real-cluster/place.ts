/**
 * Which cluster the suite plays on, by environment (main.mjs sets it from the command line):
 * MISFORTUNE_CLUSTER_KUBECONFIG    a kubeconfig; its current context is taken;
 * MISFORTUNE_CLUSTER_PROMETHEUS    a Prometheus that has the shop's series and rules: `namespace/name:port` or a URL,
 * MISFORTUNE_CLUSTER_ALERTMANAGER  its Alertmanager; or
 * MISFORTUNE_CLUSTER_ENTER         a command that runs its arguments in the network of a node: then the suite starts
 *                                  Debian's Prometheus and Alertmanager there itself;
 * MISFORTUNE_CLUSTER_SHORT=1       without what takes longest;
 * MISFORTUNE_REQUIRE_CLUSTER=1     fail instead of skipping.
 */
export interface Place {
  kubeconfig: string;
  /** Absent: `enter` is there. */
  prometheus: string | undefined;
  alertmanager: string | undefined;
  enter: string[];
  short: boolean;
}

/** Undefined: the suite is skipped, and says why. */
export function placeToPlay(env: NodeJS.ProcessEnv = process.env): Place | undefined {
  const kubeconfig = env.MISFORTUNE_CLUSTER_KUBECONFIG;
  const prometheus = env.MISFORTUNE_CLUSTER_PROMETHEUS;
  const enter = env.MISFORTUNE_CLUSTER_ENTER?.split(' ').filter(Boolean) ?? [];
  const alertmanager = env.MISFORTUNE_CLUSTER_ALERTMANAGER;
  const short = env.MISFORTUNE_CLUSTER_SHORT === '1';
  if (kubeconfig && (prometheus || enter.length > 0))
    return { kubeconfig, prometheus, alertmanager, enter, short };
  const lacks = kubeconfig
    ? 'a Prometheus (--prometheus WHERE), or a way to start one (--enter COMMAND)'
    : 'a cluster (--kubeconfig FILE)';
  if (env.MISFORTUNE_REQUIRE_CLUSTER === '1')
    throw new Error(`Expected ${lacks}: npm run test:cluster -- --help tells more.`);
  console.warn(`SKIPPED: games on a real cluster: not given ${lacks} (docs/real-cluster.md)`);
  return undefined;
}
