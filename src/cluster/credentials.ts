import type { Agent, RequestOptions } from 'node:https';
import { exitCodes, MisfortuneError } from '../errors.ts';

/** How to reach an API server as somebody: what a kubeconfig's context says, resolved. */
export interface Credentials {
  context: string;
  cluster: string;
  user: string;
  server: URL;
  /** The context's own namespace, if it names one. */
  namespace?: string;
  /**
   * TLS options and the Authorization header for the next request. Exec plug-ins and token files are asked
   * again when their token runs out, so call it for each request.
   */
  request(): Promise<
    Pick<RequestOptions, 'ca' | 'cert' | 'key' | 'rejectUnauthorized' | 'servername' | 'headers'> & {
      agent?: Agent;
    }
  >;
}

/** Reads a kubeconfig (default: $KUBECONFIG or ~/.kube/config) and picks a context (default: the current one). */
export async function readCredentials(
  options: { kubeconfig?: string; context?: string } = {},
): Promise<Credentials> {
  // Half a second to import: never before the first frame.
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  try {
    if (options.kubeconfig) config.loadFromFile(options.kubeconfig);
    else config.loadFromDefault();
  } catch (cause) {
    throw new MisfortuneError(
      'kubeconfig-unreadable',
      `Expected a kubeconfig at ${options.kubeconfig ?? '$KUBECONFIG or ~/.kube/config'}, got: ${(cause as Error).message}`,
      {
        todo: 'Name one with --kubeconfig, or set KUBECONFIG.',
        exitCode: exitCodes.usage,
        cause,
      },
    );
  }
  if (options.context) config.setCurrentContext(options.context);
  const context = config.getContextObject(config.getCurrentContext());
  const cluster = config.getCurrentCluster();
  if (!context || !cluster) {
    const known = config.getContexts().map((other) => other.name);
    throw new MisfortuneError(
      'unknown-context',
      `Expected a context named "${config.getCurrentContext()}", the kubeconfig has: ${known.join(', ') || 'none'}.`,
      {
        todo: 'Choose one of them with --context.',
        exitCode: exitCodes.usage,
      },
    );
  }
  return {
    context: context.name,
    cluster: cluster.name,
    user: context.user,
    server: new URL(cluster.server),
    namespace: context.namespace,
    request: async () => {
      const resolved: RequestOptions = {};
      await config.applyToHTTPSOptions(resolved);
      const { ca, cert, key, rejectUnauthorized, servername, headers, auth } = resolved;
      const basic = auth ? { authorization: `Basic ${Buffer.from(auth).toString('base64')}` } : {};
      return {
        ca,
        cert,
        key,
        rejectUnauthorized,
        servername,
        headers: { ...(headers as Record<string, string> | undefined), ...basic },
      };
    },
  };
}
