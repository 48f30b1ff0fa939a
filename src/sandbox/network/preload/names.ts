import dns from 'node:dns';
import type { ControlChannel } from './control.ts';

type Callback = (error: Error | null, ...rest: unknown[]) => void;
type AnyFunction = (...args: never[]) => unknown;

/** The cluster's DNS in place of the host's resolver. */
export function resolveNames(control: ControlChannel): void {
  const addresses = (host: string, syscall: string): Promise<string[]> =>
    new Promise((resolve, reject) =>
      control.lookup(String(host), (found) => {
        if (found.addresses.length > 0) return resolve(found.addresses);
        const fail = (code: string, errno?: number): void => {
          const details = { code, ...(errno && { errno }), syscall, hostname: host };
          reject(Object.assign(new Error(`${syscall} ${code} ${host}`), details));
        };
        if (found.unansweredMs === undefined) return fail('ENOTFOUND', -3008);
        // c-ares has its own word for it.
        const code = syscall === 'getaddrinfo' ? 'EAI_AGAIN' : 'ETIMEOUT';
        setTimeout(fail, found.unansweredMs, code, code === 'EAI_AGAIN' ? -3001 : undefined);
      }),
    );

  const lookup = async (host: string, options?: { all?: boolean } | number): Promise<unknown> => {
    const found = (await addresses(host, 'getaddrinfo')).map((address) => ({ address, family: 4 }));
    return typeof options === 'object' && options?.all ? found : found[0];
  };
  const resolve4 = (host: string): Promise<string[]> => addresses(host, 'queryA');
  const nothing = (syscall: string) => (host: string) => {
    const details = { code: 'ENODATA', syscall, hostname: host };
    return Promise.reject(Object.assign(new Error(`${syscall} ENODATA ${host}`), details));
  };
  const resolve = (host: string, type = 'A'): Promise<unknown> =>
    type === 'A' ? resolve4(host) : nothing(`query${type}`)(host);

  const promised: Record<string, AnyFunction> = { lookup, resolve4, resolve };
  for (const type of ['6', 'Any', 'Caa', 'Cname', 'Mx', 'Naptr', 'Ns', 'Ptr', 'Soa', 'Srv', 'Txt']) {
    promised[`resolve${type}`] = nothing(`query${type === '6' ? 'AAAA' : type}`);
  }
  promised.resolveTlsa = nothing('queryTLSA');
  promised.reverse = nothing('getHostByAddr');
  promised.lookupService = nothing('getnameinfo');
  const resolvers = [dns.Resolver.prototype, dns.promises.Resolver.prototype] as unknown as object[];
  const callbacks = Object.fromEntries(
    Object.entries(promised).map(([name, method]) => [name, withCallback(method, name === 'lookup')]),
  );
  Object.assign(dns, callbacks);
  Object.assign(resolvers[0]!, callbacks);
  Object.assign(dns.promises, promised);
  Object.assign(resolvers[1]!, promised);
}

/** dns.lookup hands its callback address and family one by one, unless `all` is asked for. */
function withCallback(method: AnyFunction, spread: boolean): AnyFunction {
  return (...args: unknown[]) => {
    const callback = args.pop() as Callback;
    (method as (...values: unknown[]) => Promise<unknown>)(...args).then(
      (value) => {
        const single = value as { address: string; family: number };
        if (spread && !Array.isArray(value)) callback(null, single.address, single.family);
        else callback(null, value);
      },
      (error: Error) => callback(error),
    );
  };
}
