import { describe, expect, it } from 'vitest';
import { answerOf, parseCorefile } from '../../../src/sandbox/network/corefile.ts';

const checkout = 'checkout.shop.svc.cluster.local';

/** The answer of a server block of `.:53` with these lines. */
function ask(name: string, ...lines: string[]) {
  return answerOf(
    parseCorefile(`.:53 {\n${lines.join('\n')}\n  kubernetes cluster.local\n  reload 2s\n}\n`),
    name,
  );
}

describe('the cluster’s DNS', () => {
  it('asks the cluster for names of its zone, and finds no others', () => {
    expect(ask(checkout)).toEqual({ cluster: checkout });
    expect(ask('example.com')).toEqual({ code: 'NXDOMAIN' });
  });

  it('asks for another name by rewrite: the first rule that fits', () => {
    expect(
      ask(checkout, `rewrite name ${checkout} worker.shop.svc.cluster.local`, 'rewrite name suffix local x'),
    ).toEqual({ cluster: 'worker.shop.svc.cluster.local' });
    expect(ask('pay.internal', 'rewrite stop name suffix .internal .shop.svc.cluster.local')).toEqual({
      cluster: 'pay.shop.svc.cluster.local',
    });
    expect(ask('a.b', 'rewrite name regex (.*)\\.b\\. {1}.shop.svc.cluster.local')).toEqual({
      cluster: 'a.shop.svc.cluster.local',
    });
  });

  it('answers by a template with a code, an address, or nothing', () => {
    expect(ask(checkout, `template ANY ANY ${checkout} {`, 'rcode NXDOMAIN', '}')).toEqual({
      code: 'NXDOMAIN',
    });
    expect(
      ask(checkout, `template IN A ${checkout} {`, 'answer "{{ .Name }} 30 IN A 10.1.2.3" # a test', '}'),
    ).toEqual({ addresses: ['10.1.2.3'] });
    expect(ask(checkout, `template IN AAAA ${checkout} {`, 'rcode NXDOMAIN', '}')).toEqual({
      cluster: checkout,
    });
    expect(ask('worker.shop', `template ANY ANY ${checkout} {`, 'rcode SERVFAIL', '}')).toEqual({
      code: 'NXDOMAIN',
    });
  });

  it('takes a template with a pattern only where it matches, or gives up where nothing falls through', () => {
    const lines = ['template IN A cluster.local {', 'match ^check', 'rcode SERVFAIL'];
    expect(ask(checkout, ...lines, 'fallthrough', '}')).toEqual({ code: 'SERVFAIL' });
    expect(ask('worker.shop.svc.cluster.local', ...lines, 'fallthrough', '}')).toEqual({
      cluster: 'worker.shop.svc.cluster.local',
    });
    expect(ask('worker.shop.svc.cluster.local', ...lines, '}')).toEqual({ code: 'NXDOMAIN' });
  });

  it('knows the lines of hosts', () => {
    const lines = ['hosts {', '10.1.2.3 legacy.internal pay.internal'];
    expect(ask('pay.internal', ...lines, 'fallthrough', '}')).toEqual({ addresses: ['10.1.2.3'] });
    expect(ask(checkout, ...lines, 'fallthrough', '}')).toEqual({ cluster: checkout });
    expect(ask(checkout, ...lines, '}')).toEqual({ code: 'SERVFAIL' });
  });

  it('takes the server block of the longest zone', () => {
    const file = parseCorefile(`.:53 {\n kubernetes cluster.local\n}\nshop.svc.cluster.local {\n log\n}`);
    expect(answerOf(file, checkout)).toEqual({ code: 'NXDOMAIN' });
    expect(answerOf(file, 'a.batch.svc.cluster.local')).toEqual({ cluster: 'a.batch.svc.cluster.local' });
    expect(file.reload).toBeUndefined();
  });

  it('refuses what CoreDNS would not load', () => {
    for (const text of ['', '.:53 {', 'errors', '.:53 {\n kubernets cluster.local\n}', '.:53 {\n}\n}'])
      expect(() => parseCorefile(text), text).toThrow('Corefile');
  });
});
