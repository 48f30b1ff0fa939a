/** What every handler of one server is given. */
import type { Kubelet, Network, SandboxClock } from '../../api.ts';
import type { LocalApi } from '../api.ts';
import type { User } from '../auth/authenticate.ts';
import type { TokenIssuer } from '../auth/tokens.ts';
import type { ResourceDefinition } from '../kinds/definition.ts';
import type { Accepted } from './negotiate.ts';
import type { Exchange } from './respond.ts';
import type { RequestInfo } from './route.ts';

export interface ServerContext {
  api: LocalApi;
  clock: SandboxClock;
  tokens: TokenIssuer;
  /** The kubelet may come up after the server. */
  kubelet(): Kubelet | undefined;
  /** For the proxies to services and pods. */
  network(): Pick<Network, 'connect'> | undefined;
  /** Fires when the server closes: ends watches and streams. */
  closing: AbortSignal;
  /** Host and port, as clients reach it. */
  address(): string;
  report(error: unknown): void;
}

/** One request to a resource, authenticated and authorised. */
export interface Call extends Exchange {
  context: ServerContext;
  info: RequestInfo;
  user: User;
  accepted: Accepted;
  /** Set where the path is of another version than the one stored. */
  view?: ResourceDefinition;
}
