import net from 'node:net';
import { carry, shape, syn } from '../link.ts';
import type { ControlChannel } from './control.ts';
import type { PathMap } from './paths.ts';

interface ConnectOptions {
  host?: string;
  port?: number | string;
  path?: string;
}

type Connect = (this: net.Socket, ...args: unknown[]) => net.Socket;
/** net._normalizeArgs: [options, callback] of any form of connect(); Node's own http module relies on it. */
type Normalize = (args: unknown[]) => [ConnectOptions, ((...args: unknown[]) => void) | null];

/** Every connection goes where the pod network says: to a pod's listener, or nowhere. */
export function connectThroughNetwork(control: ControlChannel, paths: PathMap): void {
  const original = net.Socket.prototype.connect as unknown as Connect;
  const normalize = (net as unknown as { _normalizeArgs: Normalize })._normalizeArgs;

  const connect: Connect = function (...args) {
    const given = Array.isArray(args[0]) ? (args[0] as ReturnType<Normalize>) : normalize(args);
    const [options, callback] = given;
    if (options.path) {
      return original.call(this, { ...options, path: paths.real(options.path) }, callback);
    }
    const host = String(options.host || 'localhost');
    const port = Number(options.port);
    if (!Number.isInteger(port) || port < 0 || port > 65_535) return original.call(this, options, callback);
    if (callback) this.once('connect', callback);
    if (this.destroyed) reset(this);
    (this as { connecting: boolean }).connecting = true;
    const release = holdOpen();
    control.route(host, port, ({ route, ip }) => {
      if (this.destroyed) return release();
      const fail = (code: string, syscall: string): void => {
        release();
        if (this.destroyed) return;
        const at = syscall === 'getaddrinfo' ? host : `${ip ?? host}:${port}`;
        const details = syscall === 'getaddrinfo' ? { hostname: host } : { address: ip ?? host, port };
        this.destroy(Object.assign(new Error(`${syscall} ${code} ${at}`), { code, syscall, ...details }));
      };
      const callOffBy = (stop: () => void): void => {
        this.once('close', () => {
          stop();
          release();
        });
      };
      if (route.kind === 'failed') {
        const { code, syscall, afterMs } = route;
        if (afterMs === 0) return fail(code, syscall);
        const timer = setTimeout(fail, afterMs, code, syscall);
        return callOffBy(() => clearTimeout(timer));
      }
      const linkNow = () => control.link(route.port);
      const arrived = (): void => {
        release();
        if (this.destroyed) return;
        (this as { connecting: boolean }).connecting = false;
        shape(this, linkNow);
        original.call(this, {
          ...options,
          host: route.address,
          port: route.port,
          lookup: undefined,
          family: 4,
        });
        showPeer(this, ip ?? host, port);
      };
      this.emit('lookup', null, ip, 4, host);
      if (!linkNow()) return arrived();
      callOffBy(carry(syn, linkNow, arrived, () => fail('ETIMEDOUT', 'connect')));
    });
    return this;
  };
  net.Socket.prototype.connect = connect as unknown as typeof net.Socket.prototype.connect;
}

/** The socket's peer is the address it asked for, not the loopback port behind it. */
function showPeer(socket: net.Socket, address: string, port: number): void {
  Object.defineProperty(socket, 'remoteAddress', { configurable: true, get: () => address });
  Object.defineProperty(socket, 'remotePort', { configurable: true, get: () => port });
}

/** A pending connection keeps the process alive, also while the network is asked. */
function holdOpen(): () => void {
  const timer = setTimeout(() => undefined, 2 ** 31 - 1);
  return () => clearTimeout(timer);
}

/** A socket that was closed may be connected again, as Node allows. */
function reset(socket: net.Socket): void {
  const inner = socket as unknown as { _undestroy(): void; _handle: unknown };
  inner._handle = null;
  inner._undestroy();
}
