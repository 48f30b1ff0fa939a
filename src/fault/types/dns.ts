import { z } from 'zod';
import { corednsRef } from '../../cluster/coredns.ts';
import { exitCodes, MisfortuneError } from '../../errors.ts';
import type { FaultType } from '../fault-type.ts';
import { assertAllowed, existing } from './shared/target.ts';

const inCluster = /^[a-z0-9-]+\.[a-z0-9-]+\.svc\.cluster\.local$/;
const fullName = z.string().regex(inCluster, 'a full name: checkout.shop.svc.cluster.local');

const schema = z.strictObject({
  name: fullName.describe('The full name of a Service, in an allowed namespace, that is answered wrongly.'),
  answers: z
    .union([
      z.enum(['nxdomain', 'servfail']),
      z.strictObject({ address: z.ipv4() }),
      z.strictObject({ instead: fullName }),
    ])
    .describe(
      'nxdomain: there is no such name. servfail: no answer now. `address: 10.1.2.3`: that one. `instead: worker.shop.svc.cluster.local`: what that name has.',
    ),
});

export type DnsSpec = z.output<typeof schema>;

const path = ['data', 'Corefile'];

export const dns: FaultType<DnsSpec> = {
  type: 'dns',
  mechanism: 'dns',
  cause: 'a name is answered wrongly by the cluster’s DNS',
  reverts: 'reverts',
  combines: 'With all others; there may be one of it, as all names are in one file.',
  schema,
  about:
    'In the sandbox only, since it is done for everybody on the cluster: lets CoreDNS answer one name wrongly, by lines in the Corefile of the ConfigMap kube-system/coredns, which is read after the time that its `reload` says (2 s in the sandbox). The name has to be of an allowed namespace.',
  describe: ({ name, answers }) => `answer ${name} with ${textOf(answers)}`,
  permissions: () => [{ verbs: ['get', 'patch'], ...corednsRef }],
  touches: ({ name }) => [serviceOf(name)],
  claims: () => [{ ref: corednsRef, path }],
  async compile(spec, context) {
    const { name, answers } = spec;
    assertAllowed(serviceOf(name), context.namespaces, 'The Service');
    await existing(serviceOf(name), context.cluster);
    if (typeof answers === 'object' && 'instead' in answers)
      assertAllowed(serviceOf(answers.instead), context.namespaces, 'The Service');
    const { data } = (await existing(corednsRef, context.cluster)) as { data?: { Corefile?: string } };
    const to = withLines(data?.Corefile ?? '', linesFor(spec));
    return [
      {
        verb: 'patch',
        ref: corednsRef,
        changes: [{ path, to }],
        describe: dns.describe(spec),
        reverts: 'reverts',
        ready: [],
      },
    ];
  },
  example: { name: 'checkout.shop.svc.cluster.local', answers: 'nxdomain' },
};

function serviceOf(full: string) {
  const [name = '', namespace] = full.split('.');
  return { kind: 'service', namespace, name };
}

function textOf(answers: DnsSpec['answers']): string {
  if (typeof answers === 'string') return answers.toUpperCase();
  return 'address' in answers ? answers.address : `the address of ${answers.instead}`;
}

/** The plugins rewrite and template come before kubernetes, wherever they stand in the file. */
function linesFor({ name, answers }: DnsSpec): string[] {
  if (typeof answers === 'string')
    return [`template ANY ANY ${name} {`, `    rcode ${answers.toUpperCase()}`, '}'];
  if ('instead' in answers) return [`rewrite name exact ${name} ${answers.instead}`];
  return [
    ...[`template IN A ${name} {`, `    answer "{{ .Name }} 30 IN A ${answers.address}"`, '}'],
    ...[`template IN AAAA ${name} {`, '    rcode NOERROR', '}'],
  ];
}

/** At the beginning of the server block that answers for the cluster. Throws MisfortuneError `unknown-corefile`. */
function withLines(corefile: string, lines: readonly string[]): string {
  const all = corefile.split('\n');
  const plugin = all.findIndex((line) => /^\s*kubernetes\s/.test(line));
  const opening = all.findLastIndex((line, index) => index < plugin && /^\S.*\{\s*$/.test(line));
  if (opening < 0)
    throw new MisfortuneError(
      'unknown-corefile',
      'The Corefile in configmap/kube-system/coredns has no server block with the plugin kubernetes.',
      {
        todo: 'Choose another fault: this cluster answers names in another way.',
        exitCode: exitCodes.refused,
      },
    );
  return all.toSpliced(opening + 1, 0, ...lines.map((line) => `    ${line}`)).join('\n');
}
