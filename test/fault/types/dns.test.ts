import { expect, it } from 'vitest';
import { corednsRef } from '../../../src/cluster/coredns.ts';
import { answerOf, parseCorefile } from '../../../src/sandbox/network/corefile.ts';
import { bench } from '../bench.ts';

const at = bench();
const name = 'checkout.shop.svc.cluster.local';

async function corefile(): Promise<string> {
  const object = await at.cluster.get(corednsRef);
  return (object!.data as { Corefile: string }).Corefile;
}

it.each([
  ['nxdomain', { code: 'NXDOMAIN' }],
  ['servfail', { code: 'SERVFAIL' }],
  [{ address: '10.1.2.3' }, { addresses: ['10.1.2.3'] }],
  [{ instead: 'cache.shop.svc.cluster.local' }, { cluster: 'cache.shop.svc.cluster.local' }],
])('answers %j, and as before once it is undone', async (answers, expected) => {
  const before = await corefile();
  await at.break({ dns: { name, answers } });
  expect(answerOf(parseCorefile(await corefile()), name)).toEqual(expected);
  await at.mend();
  expect(await corefile()).toBe(before);
});

it('keeps the lines that others write into the file meanwhile', async () => {
  const before = await corefile();
  await at.break({ dns: { name, answers: 'nxdomain' } });
  const theirs = (await corefile()).replace('    loop\n', '    loop\n    log\n');
  await at.cluster.patch(corednsRef, 'merge', { data: { Corefile: theirs } });
  await at.mend();
  expect(await corefile()).toBe(before.replace('    loop\n', '    loop\n    log\n'));
  await at.cluster.patch(corednsRef, 'merge', { data: { Corefile: before } });
});

it('is refused for names of other namespaces, and of Services that are not there', async () => {
  const plan = (full: string) => at.plan({ dns: { name: full, answers: 'nxdomain' } });
  await expect(plan('kubernetes.default.svc.cluster.local')).rejects.toMatchObject({
    code: 'namespace-not-allowed',
  });
  await expect(plan('no-such.shop.svc.cluster.local')).rejects.toMatchObject({ code: 'unknown-object' });
});
