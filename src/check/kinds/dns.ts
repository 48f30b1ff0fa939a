import { z } from 'zod';
import { duration, slug } from '../../document/fields.ts';
import { plural } from '../../words/number.ts';
import type { CheckContext, CheckKind, Finding } from '../kind.ts';
import { probeNeeds } from '../needs.ts';
import { hostText, probe, serviceNamed } from '../probe.ts';

interface Spec {
  /** The name, as a program of the stack has it: `checkout`, `checkout.shop.svc`, `api.example.com`. */
  host: string;
  /** The namespace from which it is asked. */
  from: string;
  /** Different addresses; default 1. */
  atLeast: number;
  atMost?: number;
  /** Milliseconds, default 2 s. */
  timeout: number;
}

/** With the resolver of the pod (getaddrinfo), as most programs ask. */
const program = `
require('dns').lookup(input.host, { all: true }, (error, found) => {
  say(error ? { error: error.code } : { addresses: found.map(({ address }) => address) });
});`;

/** A name resolves, to so many addresses, as a pod of the namespace sees it. */
export const dns: CheckKind<Spec> = {
  schema: z.strictObject({
    host: hostText,
    from: slug,
    atLeast: z.int().min(1).default(1),
    atMost: z.int().min(1).optional(),
    timeout: duration.prefault('2s'),
  }),
  evaluate,
  permissions: ({ from }) => probeNeeds(from),
  references: ({ host, from }) => serviceNamed(host, from),
};

async function evaluate(spec: Spec, context: CheckContext): Promise<Finding> {
  const { host, from, atLeast, atMost } = spec;
  const { error, addresses = [] } = await probe<{ error?: string; addresses?: string[] }>(
    from,
    program,
    spec,
    context,
  );
  if (error !== undefined) return { holds: false, seen: `${host} does not resolve in ${from}: ${error}` };
  const found = [...new Set(addresses)].sort();
  const wanted = atMost === undefined ? `at least ${atLeast}` : `${atLeast} to ${atMost}`;
  return {
    holds: found.length >= atLeast && found.length <= (atMost ?? Number.POSITIVE_INFINITY),
    value: found.length,
    seen: `${host} has ${plural(found.length, 'address', 'addresses')} in ${from}: ${found.join(', ')} (expected ${wanted})`,
  };
}
