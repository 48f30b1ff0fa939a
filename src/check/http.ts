import { compileRegex } from '../regex.ts';
import type { CheckContext, Finding } from './evaluate.ts';
import type { HttpCheck } from './grammar.ts';

/** A service answers a GET with the wanted status (and body), through the API server's service proxy. */
export async function checkHttp(check: HttpCheck, { cluster, signal }: CheckContext): Promise<Finding> {
  const [, namespace, target] = check.service.split('/');
  const path = `/api/v1/namespaces/${namespace}/services/${target}/proxy${check.path}`;
  const { status, body } = await cluster.raw(path, { headers: { accept: '*/*' } }, signal);
  const bodyFits = check.matches === undefined || compileRegex(check.matches, { lines: true }).test(body);
  const wanted = check.matches === undefined ? `${check.status}` : `${check.status} and /${check.matches}/`;
  const seen = `HTTP ${status}${bodyFits ? '' : ', another body'} (${wanted} wanted)`;
  return { holds: status === check.status && bodyFits, value: status, seen };
}
