import { Duplex } from 'node:stream';
import type { Lookup } from '../../api.ts';
import type { FromSession, ToSession } from './protocol.ts';

type Send = (message: FromSession, done?: () => void) => void;

/** The pod network as a session has it: the kubelet opens the connections and hands on what comes. */
export class NetworkLink {
  private count = 0;
  private readonly lookups = new Map<number, (lookup: Lookup) => void>();
  private readonly connections = new Map<number, Connection>();

  constructor(private readonly send: Send) {}

  lookup(host: string): Promise<Lookup> {
    const id = ++this.count;
    return new Promise((resolve) => {
      this.lookups.set(id, resolve);
      this.send({ op: 'lookup', id, host });
    });
  }

  /** Rejects as a socket would. */
  connect(host: string, port: number): Promise<Duplex> {
    const id = ++this.count;
    return new Promise((resolve, reject) => {
      const connection = new Connection(id, this.send, () => this.connections.delete(id));
      this.connections.set(id, connection);
      connection.once('connected', () => {
        connection.off('error', reject);
        resolve(connection);
      });
      connection.once('error', reject);
      this.send({ op: 'connect', id, host, port });
    });
  }

  received(message: ToSession): void {
    if (message.op === 'found') {
      this.lookups.get(message.id)?.(message.lookup);
      this.lookups.delete(message.id);
    } else if ('id' in message) this.connections.get(message.id)?.received(message);
  }
}

class Connection extends Duplex {
  constructor(
    private readonly id: number,
    private readonly send: Send,
    private readonly gone: () => void,
  ) {
    super();
  }

  received(message: ToSession): void {
    if (message.op === 'connected') this.emit('connected');
    else if (message.op === 'data') this.push(Buffer.from(message.bytes));
    else if (message.op === 'ended') this.push(null);
    else if (message.op === 'failed')
      this.destroy(Object.assign(new Error(message.message), { code: message.code }));
  }

  override _read(): void {
    this.send({ op: 'more', id: this.id });
  }

  override _write(chunk: Buffer, _: BufferEncoding, done: () => void): void {
    this.send({ op: 'data', id: this.id, bytes: chunk }, done);
  }

  override _final(done: () => void): void {
    this.send({ op: 'end', id: this.id }, done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.send({ op: 'close', id: this.id });
    this.gone();
    done(error);
  }
}
