import { compileRegex } from '../regex.ts';
import type { CheckContext, Finding } from './evaluate.ts';
import type { HttpCheck } from './grammar.ts';

/** A service answers a GET with the wanted status (and body), through the API server's service proxy. */
export async function checkHttp(check: HttpCheck, { cluster, signal }: CheckContext): Promise<Finding> {
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
  const seen = `HTTP ${status}${bodyFits ? '' : ', another body'} (${wanted} wanted)`;
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
