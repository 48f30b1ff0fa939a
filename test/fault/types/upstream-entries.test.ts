import { describe, expect, it } from 'vitest';
import {
  findEntry,
  readEntries,
  withAddedEntry,
  withAddress,
  withoutEntry,
  withWeight,
} from '../../../src/fault/types/upstream/entries.ts';

const list = `# who answers
upstreams:
  - name: till-1
    address: storefront:8001
  # the new one
  - { name: till-2, address: 'storefront:8002' }
`;

const nginx = `upstream api { server api-1:80; }
upstream shop {
  # three of them
  server 10.0.0.1:8080 max_fails=0;
  server 10.0.0.2:8080;
}
server { listen 80; location / { proxy_pass http://shop; } }
`;

describe('the entries of an upstream list', () => {
  it('are changed in place: comments, quotes and layout stay', () => {
    const entries = readEntries(list);
    expect(entries.map(({ name, address }) => [name, address])).toEqual([
      ['till-1', 'storefront:8001'],
      ['till-2', 'storefront:8002'],
    ]);
    expect(withAddress(list, findEntry(entries, 'till-2'), '10.0.0.9:8002')).toBe(
      list.replace('storefront:8002', '10.0.0.9:8002'),
    );
    expect(withAddress(list, findEntry(entries, 1), 'x:1')).toBe(list.replace('storefront:8001', 'x:1'));
  });

  it('are removed with their whole lines', () => {
    const entries = readEntries(list);
    const [first] = entries;
    expect(withoutEntry(list, first!)).toBe(
      list.replace(/ {2}- name: till-1\n {4}address: storefront:8001\n/, ''),
    );
  });

  it('are added as the last one is written, with the next name', () => {
    const entries = readEntries(list);
    const more = withAddedEntry(list, entries, '10.0.0.9:80');
    expect(more).toBe(`${list}  - { name: till-3, address: '10.0.0.9:80' }\n`);
    expect(readEntries(more)).toHaveLength(3);
  });

  it("are those of nginx' upstream block, and which one must be said if there are several", () => {
    expect(() => readEntries(nginx)).toThrow('2 upstream blocks');
    const entries = readEntries(nginx, 'shop');
    expect(entries.map(({ address }) => address)).toEqual(['10.0.0.1:8080', '10.0.0.2:8080']);
    expect(withAddress(nginx, entries[0]!, '10.0.0.9:8080')).toBe(nginx.replace('10.0.0.1', '10.0.0.9'));
    expect(withoutEntry(nginx, entries[1]!)).toBe(nginx.replace('  server 10.0.0.2:8080;\n', ''));
  });

  it('are not what a comment or a string says, and are known by their words wherever they stand', () => {
    const text = `
# upstream old { server 10.0.0.7:1; }
log_format it 'upstream x { server 10.0.0.8:1; }';
map $http_x $y { default "a;b}"; }
upstream "shop" # ours
{ server 10.0.0.1:80 weight=2; server "10.0.0.2:80" max_fails=0; # server 10.0.0.3:80; }
  server \${HOST}:80; }
`;
    const entries = readEntries(text);
    expect(entries.map(({ address }) => address)).toEqual(['10.0.0.1:80', '10.0.0.2:80', '$' + '{HOST}:80']);
    expect(withAddress(text, entries[1]!, 'x:1')).toBe(text.replace('"10.0.0.2:80"', 'x:1'));
    expect(withoutEntry(text, entries[0]!)).toBe(text.replace('server 10.0.0.1:80 weight=2; ', ''));
    expect(withWeight(text, entries[0]!, 9)).toBe(text.replace('weight=2', 'weight=9'));
    expect(withWeight(text, entries[1]!, 9)).toBe(text.replace('0.2:80"', '0.2:80" weight=9'));
    expect(withAddedEntry(text, entries, 'y:1')).toBe(text.replace('HOST}:80;', 'HOST}:80; server y:1;'));
  });

  it('are refused where the text cannot be read, with the line', () => {
    expect(() => readEntries('upstream a { server b:1;\n')).toThrow('not closed');
    expect(() => readEntries('upstream a { server "b:1; }\n')).toThrow('Line 1 of the nginx configuration');
    expect(() => readEntries(nginx, 'nobody')).toThrow('There is no upstream block nobody');
  });

  it('have no weights but with nginx', () => {
    expect(() => withWeight(list, readEntries(list)[0]!, 2)).toThrow('no weights');
  });

  it('are named in the error when there is no such one', () => {
    expect(() => findEntry(readEntries(list), 'till-9')).toThrow('There is no upstream till-9');
    expect(() => readEntries('a: 1\n')).toThrow('no list of upstreams');
  });
});
