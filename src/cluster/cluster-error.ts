import type { V1Status } from '@kubernetes/client-node';
import { type ExitCode, exitCodes, MisfortuneError } from '../errors.ts';

/**
 * An answer of the API server that is not a success, or none at all. `status` is the HTTP status (undefined when
 * there was no answer), `reason` Kubernetes' own (NotFound, AlreadyExists, Conflict, Invalid, Forbidden …).
 */
export class ClusterError extends MisfortuneError {
  readonly status: number | undefined;
  readonly reason: string | undefined;
  /** Whether a write may have happened all the same: the request was sent and no answer came. */
  readonly outcomeUnknown: boolean;

  constructor(
    code: string,
    message: string,
    options: {
      status?: number;
      reason?: string;
      outcomeUnknown?: boolean;
      todo?: string;
      exitCode?: ExitCode;
      cause?: unknown;
    } = {},
  ) {
    super(code, message, { exitCode: exitCodes.unavailable, ...options });
    this.name = 'ClusterError';
    this.status = options.status;
    this.reason = options.reason;
    this.outcomeUnknown = options.outcomeUnknown ?? false;
  }
}

/** What was asked, for error texts: "patch deployments.apps shop/checkout". */
export interface Asked {
  method: string;
  path: string;
  what: string;
  server: string;
}

const codes: Record<number, [code: string, todo?: string]> = {
  400: ['bad-request'],
  401: ['unauthorised', 'The credentials have expired or are wrong: log in again, then try again.'],
  404: ['not-found'],
  405: ['not-allowed'],
  409: ['conflict', 'Somebody changed it at the same time: read it again.'],
  410: ['gone'],
  422: ['invalid'],
  429: ['too-many-requests', 'The API server asks to wait: try again in a while.'],
};

/** The error for an HTTP answer of 400 and more. */
export function errorOfAnswer(asked: Asked, status: number, contentType: string, body: string): ClusterError {
  const parsed = parseStatus(body);
  if (!parsed && /html/i.test(contentType + body.slice(0, 200))) return notKubernetes(asked, status);
  const said = parsed?.message ?? (body.trim().slice(0, 300) || `HTTP ${status}`);
  const reason = parsed?.reason;
  if (status === 403) return forbidden(asked, said, reason);
  const [known, todo] = codes[status] ?? [status >= 500 ? 'server-error' : 'refused-by-server'];
  const code = reason === 'AlreadyExists' ? 'already-exists' : known;
  const exitCode =
    status >= 500 || status === 401 || status === 429 ? exitCodes.unavailable : exitCodes.failed;
  return new ClusterError(code, `Could not ${asked.what}: ${said}`, {
    status,
    reason,
    exitCode,
    todo: code === 'already-exists' ? undefined : todo,
  });
}

/** The error for an answer that is not from a Kubernetes API server, e.g. a login page of a proxy. */
export function notKubernetes(asked: Asked, status?: number): ClusterError {
  const message = `Expected Kubernetes' JSON from ${asked.server}, got a web page or other text.`;
  return new ClusterError('not-kubernetes', message, {
    status,
    todo: 'Is the server of this context right, and is a VPN or a login needed first?',
  });
}

/** The error for a request that got no answer. `sent`: it had left when the connection broke. */
export function errorOfConnection(asked: Asked, cause: unknown, sent: boolean): ClusterError {
  const code = (cause as NodeJS.ErrnoException)?.code ?? '';
  const said = (cause as Error)?.message ?? String(cause);
  const outcomeUnknown = sent && asked.method !== 'GET';
  if (/CERT|SELF_SIGNED|ISSUER|ALTNAME|UNABLE_TO_VERIFY/.test(code)) {
    return new ClusterError(
      'untrusted-server',
      `The certificate of ${asked.server} is not trusted: ${said}.`,
      {
        cause,
        todo: 'Look at certificate-authority-data of this cluster in the kubeconfig.',
      },
    );
  }
  return new ClusterError('cluster-unreachable', `${asked.server} did not answer: ${said || code}.`, {
    cause,
    outcomeUnknown,
    todo: 'Is the cluster up, and does `kubectl version` answer?',
  });
}

export function errorOfTimeout(asked: Asked, ms: number, sent: boolean): ClusterError {
  const message = `Could not ${asked.what}: ${asked.server} gave no answer within ${ms / 1000} s.`;
  return new ClusterError('cluster-timeout', message, {
    outcomeUnknown: sent && asked.method !== 'GET',
    todo: 'Does `kubectl get --raw /readyz` answer?',
  });
}

function forbidden(asked: Asked, said: string, reason: string | undefined): ClusterError {
  // The server's text names user, verb, resource and namespace; it is the permission to ask for.
  return new ClusterError('forbidden', `No permission to ${asked.what}: ${said}`, {
    status: 403,
    reason,
    exitCode: exitCodes.refused,
    todo: 'Ask an admin of the cluster for this permission.',
  });
}

function parseStatus(body: string): V1Status | undefined {
  try {
    const value = JSON.parse(body) as V1Status;
    return value?.kind === 'Status' ? value : undefined;
  } catch {
    return undefined;
  }
}
