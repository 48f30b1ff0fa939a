import dgram from 'node:dgram';
import dns from 'node:dns';
import net from 'node:net';
import { apply, isInteger, OwnMap, OwnWeakMap, uncurry } from './intrinsics.ts';
import type { PathMap } from './paths.ts';

const EPERM = -1;

type Native = (this: unknown, ...args: never[]) => unknown;
type Prototype = Record<string, Native>;

/** Connections that the network has found a way for: each may be made once. */
export class Permits {
  private readonly left = new OwnMap<string, number>();

  readonly permit = (address: string, port: number): void => {
    const key = `${address}:${port}`;
    this.left.set(key, (this.left.get(key) ?? 0) + 1);
  };

  take(address: string, port: number): boolean {
    const key = `${address}:${port}`;
    const left = this.left.get(key) ?? 0;
    if (left > 1) this.left.set(key, left - 1);
    else this.left.delete(key);
    return left > 0;
  }
}

/**
 * The classes of Node's native side, which every way to the network ends in, and which any socket's `_handle`, an async hook
 * or a prototype leads to. They open only what the pod's network allowed: loopback listeners on a free port, connections
 * that a route was found for, pipes in the pod's folders. Arguments are judged as they are: nothing that would be
 * turned into a number or text later, which may be another one then.
 */
export class HandleGuard {
  /** The port that the kernel gave to a handle. */
  private readonly ports = new OwnWeakMap<object, number>();

  constructor(
    private readonly paths: PathMap,
    private readonly permits: Permits,
    pipe: net.Socket,
    private readonly released: (real: number) => void,
  ) {
    const create = (net as unknown as { _createServerHandle(...args: unknown[]): { close(): void } })
      ._createServerHandle;
    const tcp = create('127.0.0.1', 0, 4);
    this.guardTcp(prototypeOf(tcp));
    tcp.close();
    this.guardPipe(prototypeOf((pipe as unknown as { _handle: object })._handle));
    guardUdp();
    guardResolver();
  }

  /** The port behind a handle that was bound; undefined for any other object. */
  portOf(handle: unknown): number | undefined {
    return typeof handle === 'object' && handle !== null ? this.ports.get(handle) : undefined;
  }

  private guardTcp(prototype: Prototype): void {
    const { permits, ports, released } = this;
    const bind = prototype.bind!;
    const connect = prototype.connect!;
    const getsockname = uncurry(prototype.getsockname as (this: object, out: object) => number);
    const close = prototype.close!;
    Object.assign(prototype, {
      bind(this: object, address: unknown, port: unknown, flags: unknown) {
        if (address !== '127.0.0.1' || port !== 0) return EPERM;
        const result = apply(bind, this, [address, port, isInteger(flags) ? flags : 0]);
        const out: { port?: number } = { __proto__: null } as object;
        if (result === 0 && getsockname(this, out) === 0) ports.set(this, out.port!);
        return result;
      },
      connect(this: unknown, request: object, address: unknown, port: unknown) {
        if (typeof address !== 'string' || typeof port !== 'number') return EPERM;
        return permits.take(address, port) ? apply(connect, this, [request, address, port]) : EPERM;
      },
      close(this: object, done: unknown) {
        const port = ports.get(this);
        ports.delete(this);
        if (port !== undefined) released(port);
        return apply(close, this, [done]);
      },
      bind6: () => EPERM,
      connect6: () => EPERM,
      open: () => EPERM,
    });
  }

  private guardPipe(prototype: Prototype): void {
    const { paths } = this;
    const bind = prototype.bind!;
    const connect = prototype.connect!;
    const open = prototype.open!;
    const denied: Record<string, unknown> = {};
    // Newer versions have variants with flags, e.g. for names that are no paths.
    for (const name of ['bind2', 'connect2']) if (prototype[name]) denied[name] = () => EPERM;
    Object.assign(prototype, denied, {
      bind(this: unknown, path: unknown) {
        const real = paths.target(path);
        return real === undefined ? EPERM : apply(bind, this, [real]);
      },
      connect(this: unknown, request: object, path: unknown) {
        const real = paths.target(path);
        return real === undefined ? EPERM : apply(connect, this, [request, real]);
      },
      open(this: unknown, fd: unknown) {
        return fd === 0 || fd === 1 || fd === 2 ? apply(open, this, [fd]) : EPERM;
      },
    });
  }
}

/** Datagrams lead nowhere in this network; names are looked up by the preload. */
function guardUdp(): void {
  const socket = dgram.createSocket('udp4');
  for (const symbol of Object.getOwnPropertySymbols(socket)) {
    const { handle } = (socket as unknown as Record<symbol, { handle?: object } | undefined>)[symbol] ?? {};
    if (handle) deny(prototypeOf(handle), ['bind', 'bind6', 'connect', 'connect6', 'open', 'send', 'send6']);
  }
  socket.close();
}

/** c-ares would ask the host's name servers, or any address that it is given for one. */
function guardResolver(): void {
  const { _handle } = new dns.Resolver() as unknown as { _handle: object };
  const prototype = prototypeOf(_handle);
  const asks = Object.getOwnPropertyNames(prototype).filter((name) => /^(query|getHost)/.test(name));
  deny(prototype, [...asks, 'setServers', 'setLocalAddress']);
  prototype.getServers = () => [['10.96.0.10', 53]];
}

function deny(prototype: Prototype, names: string[]): void {
  for (const name of names) prototype[name] = () => EPERM;
}

function prototypeOf(handle: object): Prototype {
  return Object.getPrototypeOf(handle) as Prototype;
}
