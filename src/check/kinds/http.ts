import { z } from 'zod';
import { regexText } from '../../document/fields.ts';
import { compileRegex } from '../../regex.ts';
import type { CheckContext, CheckKind, Finding } from '../kind.ts';

interface Spec {
  /** `service/namespace/name[:port]`, reached through the API server's service proxy. */
  service: string;
  path: string;
  /** Expected status; default 200. */
  status: number;
  /** A regular expression on the body. */
  matches?: string;
}

const serviceText = z
  .string()
  .regex(
    /^service\/[-a-z0-9]+\/[-a-z0-9.]+(:[-a-z0-9]+)?$/,
    'service/namespace/name or service/namespace/name:port',
  )
  .meta({ examples: ['service/shop/edge:http'] });

/** A service answers a GET with the wanted status (and body), through the API server's service proxy. */
export const http: CheckKind<Spec> = {
  schema: z.strictObject({
    service: serviceText,
    path: z.string().startsWith('/').default('/'),
    status: z.int().min(100).max(599).default(200),
    matches: regexText.optional(),
  }),
  evaluate,
  permissions({ service }) {
    const [, namespace, name] = service.split('/');
    return [{ kind: 'services', subresource: 'proxy', namespace, name, verbs: ['get'] }];
  },
  references: ({ service }) => [{ object: service.replace(/:.*/, ''), path: ['service'] }],
};

async function evaluate(check: Spec, { cluster, signal }: CheckContext): Promise<Finding> {
  const [, namespace, target] = check.service.split('/');
  const path = `/api/v1/namespaces/${namespace}/services/${target}/proxy${check.path}`;
  const { status, body } = await cluster.raw(path, { headers: { accept: '*/*' } }, signal);
  const refusal = refusalOfServer(status, body);
  if (refusal !== undefined) {
    // Whoever may not ask has seen nothing; else nobody answers behind the proxy.
    if (status === 401 || status === 403) throw new Error(refusal);
    return { holds: false, value: status, seen: `no answer of the service: ${refusal}` };
  }
  const bodyFits = check.matches === undefined || compileRegex(check.matches, { lines: true }).test(body);
  const wanted = check.matches === undefined ? `${check.status}` : `${check.status} and /${check.matches}/`;
  const seen = `HTTP ${status}${bodyFits ? '' : ' with another body'} (expected ${wanted})`;
  return { holds: status === check.status && bodyFits, value: status, seen };
}

/** The message of a Status: the API server's own answer, not the service's. */
function refusalOfServer(status: number, body: string): string | undefined {
  if (status < 400) return undefined;
  try {
    const { kind, apiVersion, code, message } = JSON.parse(body) as Record<string, unknown>;
    const isStatus = kind === 'Status' && apiVersion === 'v1' && code === status;
    return isStatus ? String(message) : undefined;
  } catch {
    return undefined;
  }
}
