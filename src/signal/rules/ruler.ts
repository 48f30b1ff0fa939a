import type { AnnotationNames } from '../annotations.ts';
import { Endpoint, type EndpointOptions } from '../http.ts';
import { parseJson } from '../json-answer.ts';
import type { AlertRule, Ruler } from '../series.ts';
import { alertsOf, dataOf, type RawAlerts, type RawRules, rulesOf } from './answer.ts';
import { isPromql } from './language.ts';

export interface RulerOptions extends EndpointOptions {
  /** As doctor and scorecard name it; default: its address. */
  name?: string;
  /** What its rules are written in; default: told rule by rule from the expression. */
  language?: 'promql' | 'logql';
  annotations?: Partial<AnnotationNames>;
}

/** Mimir and Loki serve the API under /prometheus, Thanos at the top; either may be in the address already. */
const prefixes = ['', '/prometheus'];

/** The ruler of a Mimir, Cortex, Loki or Thanos. Errors: `ruler-unavailable`, `ruler-error`. */
export function connectRuler(options: RulerOptions): Ruler {
  const { language, annotations } = options;
  const url = options.url?.replace(/\/api\/v1\/(rules|alerts)\/?$/, '');
  const endpoint = new Endpoint('ruler', { ...options, ...(url && { url }) });
  const part = `ruler ${options.name ?? addressOf(options, url)}`;
  let known: string | undefined;
  const get = async <T>(path: string, signal?: AbortSignal): Promise<T> => {
    const who = 'the ruler';
    for (const prefix of known === undefined ? prefixes : [known]) {
      const answer = await endpoint.get(prefix + path, [], signal);
      // Under another prefix: not found, or another API that is there (Cortex' rules as YAML).
      const isOther = answer.status === 404 || (answer.status < 300 && parseJson(answer.body) === undefined);
      if (isOther && prefix !== prefixes.at(-1) && known === undefined) continue;
      const isTenant = answer.status === 401 && /org ?id/i.test(answer.body);
      const todo = isTenant
        ? 'Name the tenant under headers: X-Scope-OrgID.'
        : 'Is this address that of a ruler, and are the credentials and the tenant right?';
      const data = dataOf<T>(endpoint, answer, { who, todo });
      known = prefix;
      return data;
    }
    throw new Error('unreachable: the last prefix answers or throws');
  };
  const isOurs = ({ query }: Pick<AlertRule, 'query'>) =>
    language === undefined ? isPromql(query) : language === 'promql';
  return {
    part,
    url: endpoint.url,
    rules: async (signal) => {
      const { alerting, recording } = rulesOf(await get<RawRules>('/api/v1/rules', signal), annotations);
      return {
        alerting: alerting.map((rule) => ({
          ...rule,
          ...{ ruler: part, ...(!isOurs(rule) && { notPromql: true as const }) },
        })),
        // What LogQL records is named like any other series, but how far back it looks is not known here.
        recording: recording.filter(isOurs),
      };
    },
    alerts: async (signal) => alertsOf(await get<RawAlerts>('/api/v1/alerts', signal), annotations),
  };
}

/** With the tenant: two of them may be read of one ruler. */
function addressOf({ service, headers = {} }: RulerOptions, url = ''): string {
  const tenant = Object.entries(headers).find(([name]) => /^x-scope-orgid$/i.test(name))?.[1];
  const address = service ?? url.replace(/^https?:\/\//, '').replace(/\/+$/, '');
  return tenant === undefined ? address : `${address} of ${tenant}`;
}
