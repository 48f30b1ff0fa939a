import net from 'node:net';
import type { ControlChannel } from './control.ts';
import type { HandleGuard } from './handles.ts';
import type { PathMap } from './paths.ts';

interface VirtualAddress {
  address: string;
  family: 'IPv4' | 'IPv6';
  port: number;
}

interface ListenOptions {
  port?: number | string;
  host?: string;
  path?: string;
  backlog?: number;
  signal?: AbortSignal;
  fd?: number;
}

/** A program may listen on any port of its pod: behind it is a free port of the host's loopback. */
export function listenVirtually(control: ControlChannel, paths: PathMap, handles: HandleGuard): void {
  const taken = new Map<number, net.Server>();
  const virtual = new WeakMap<net.Server, VirtualAddress>();
  const original = net.Server.prototype.listen as (...args: unknown[]) => net.Server;
  const address = net.Server.prototype.address;

  net.Server.prototype.listen = function listen(this: net.Server, ...args: unknown[]): net.Server {
    const { options, callback } = parseArguments(args);
    if (options.path !== undefined) {
      return original.call(this, { ...options, path: paths.real(options.path) }, callback);
    }
    const port = portOf(options.port) || freePort(taken);
    const host = String(options.host ?? '::');
    if (taken.has(port)) {
      const error = Object.assign(new Error(`listen EADDRINUSE: address already in use ${host}:${port}`), {
        code: 'EADDRINUSE',
        errno: -98,
        syscall: 'listen',
        address: host,
        port,
      });
      process.nextTick(() => this.emit('error', error));
      return this;
    }
    taken.set(port, this);
    virtual.set(this, { address: host, family: host.includes(':') ? 'IPv6' : 'IPv4', port });
    this.prependOnceListener('listening', () => {
      // Only what the kernel gave to this handle: a server's own word could be any port of the host.
      const real = handles.portOf((this as unknown as { _handle: unknown })._handle);
      if (real !== undefined) control.listen(host, port, real);
    });
    this.once('close', () => taken.delete(port));
    const { backlog, signal } = options;
    return original.call(this, { port: 0, host: '127.0.0.1', backlog, signal, exclusive: true }, callback);
  } as typeof net.Server.prototype.listen;

  net.Server.prototype.address = function (this: net.Server) {
    const real = address.call(this);
    return real === null || typeof real === 'string' ? real : (virtual.get(this) ?? real);
  } as typeof net.Server.prototype.address;
}

function parseArguments(args: unknown[]): { options: ListenOptions; callback: (() => void) | undefined } {
  const last = args.at(-1);
  const callback = typeof last === 'function' ? (last as () => void) : undefined;
  const [first, ...rest] = args;
  if (typeof first === 'object' && first !== null) return { options: first as ListenOptions, callback };
  if (typeof first === 'string' && Number.isNaN(Number(first))) return { options: { path: first }, callback };
  const host = rest.find((value) => typeof value === 'string') as string | undefined;
  const backlog = rest.find((value) => typeof value === 'number') as number | undefined;
  return { options: { port: first as number, ...(host && { host }), ...(backlog && { backlog }) }, callback };
}

function portOf(value: unknown): number {
  const port = Number(value ?? 0);
  if (Number.isInteger(port) && port >= 0 && port < 65_536) return port;
  throw Object.assign(
    new RangeError(
      `options.port should be >= 0 and < 65536. Received type ${typeof value} (${String(value)}).`,
    ),
    { code: 'ERR_SOCKET_BAD_PORT' },
  );
}

/** The first free port of the range that Linux takes for port 0. */
function freePort(taken: ReadonlyMap<number, unknown>): number {
  let port = 32_768;
  while (taken.has(port)) port++;
  return port;
}
