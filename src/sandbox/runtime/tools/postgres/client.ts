import type { Duplex } from 'node:stream';
import pg from 'pg';
import type { ToolCall } from '../tool.ts';
import type { PsqlOptions } from './options.ts';

export interface Column {
  name: string;
  /** Object id of the type. */
  type: number;
}

export interface Rows {
  columns: Column[];
  rows: (string | null)[][];
}

/** What a server says to one text of SQL, in order. */
export interface Listener {
  rows(result: Rows): void;
  /** As in `INSERT 0 1`. */
  done(tag: string): void;
  data(chunk: Uint8Array): void;
  failed(error: DatabaseError): void;
}

export type DatabaseError = Pick<
  pg.DatabaseError,
  'severity' | 'message' | 'code' | 'detail' | 'hint' | 'position' | 'where'
>;

/** What one result may take before psql gives it up, in characters. */
const MOST_KEPT = 32 * 2 ** 20;

/** A session with a server, over the pod's network. */
export class Session {
  private constructor(
    private readonly client: pg.Client,
    private readonly stream: Duplex,
  ) {}

  /** Rejects with what psql would say after its name. */
  static async open(call: ToolCall, options: PsqlOptions): Promise<Session> {
    const { host, port, user, database, password, application } = options;
    let stream: Duplex;
    try {
      stream = await call.host.network.connect(host ?? '127.0.0.1', port);
    } catch (error) {
      throw new Error(unreachable(options, error as NodeJS.ErrnoException));
    }
    call.signal.addEventListener('abort', () => stream.destroy(), { once: true });
    const client = new pg.Client({
      stream: () => asSocket(stream),
      ...{ user, database, password: password ?? '', application_name: application },
    });
    client.on('error', () => undefined);
    client.on('notice', ({ severity, message }) => call.complain(`${severity}:  ${message}\n`));
    try {
      await client.connect();
    } catch (error) {
      stream.destroy();
      const { severity, message } = error as DatabaseError;
      throw new Error(`connection to server ${placeOf(options)} failed: ${severity ?? 'error'}:  ${message}`);
    }
    return new Session(client, stream);
  }

  /** Resolves when the server is ready for more; rejects when it has gone. */
  run(sql: string, listener: Listener): Promise<void> {
    return new Promise((resolve, reject) => {
      const gone = (): void => reject(new Error('server closed the connection unexpectedly'));
      this.stream.once('close', gone);
      const done = (): void => {
        this.stream.off('close', gone);
        resolve();
      };
      this.client.query(new SimpleQuery(sql, listener, done, () => this.close()) as never);
    });
  }

  close(): void {
    this.stream.end();
    this.stream.destroy();
  }
}

interface Wire {
  query(text: string): void;
  sendCopyFail(why: string): void;
}

/** One message `Query` of the protocol, as pg's client takes it from anybody who has these methods. */
class SimpleQuery {
  private result: Rows | undefined;
  private kept = 0;

  constructor(
    private readonly sql: string,
    private readonly listener: Listener,
    private readonly done: () => void,
    private readonly giveUp: () => void,
  ) {}

  submit(wire: Wire): void {
    wire.query(this.sql);
  }

  handleRowDescription({ fields }: { fields: { name: string; dataTypeID: number }[] }): void {
    this.result = { columns: fields.map(({ name, dataTypeID }) => ({ name, type: dataTypeID })), rows: [] };
  }

  handleDataRow({ fields }: { fields: (string | null)[] }): void {
    this.kept += fields.reduce((sum, field) => sum + (field?.length ?? 0) + 16, 0);
    if (this.kept <= MOST_KEPT) return void this.result?.rows.push(fields);
    this.result = undefined;
    this.listener.failed({ message: 'out of memory for query result' } as DatabaseError);
    this.giveUp();
  }

  handleCommandComplete({ text }: { text: string }): void {
    if (this.result) this.listener.rows(this.result);
    else this.listener.done(text);
    this.result = undefined;
    this.kept = 0;
  }

  handleCopyData({ chunk }: { chunk: Uint8Array }): void {
    this.listener.data(chunk);
  }

  handleCopyInResponse(wire: Wire): void {
    wire.sendCopyFail('COPY FROM STDIN is not supported by this psql');
  }

  handleError(error: DatabaseError): void {
    this.result = undefined;
    this.listener.failed(error);
    // pg's client says nothing more of a query that has failed, and holds back the next one itself.
    this.done();
  }

  handleEmptyQuery(): void {}
  handlePortalSuspended(): void {}

  handleReadyForQuery(): void {
    this.done();
  }
}

/** pg's client connects its socket itself, and sets what only sockets have. */
function asSocket(stream: Duplex): Duplex {
  const nothing = (): Duplex => stream;
  return Object.assign(stream, {
    connect: () => {
      process.nextTick(() => stream.emit('connect'));
      return stream;
    },
    setNoDelay: nothing,
    setKeepAlive: nothing,
    ref: nothing,
    unref: nothing,
  });
}

function placeOf({ host, port }: PsqlOptions): string {
  return host === undefined
    ? `on socket "/var/run/postgresql/.s.PGSQL.${port}"`
    : `at "${host}", port ${port}`;
}

function unreachable(options: PsqlOptions, { code, message }: NodeJS.ErrnoException): string {
  const { host } = options;
  if (code === 'ENOTFOUND')
    return `could not translate host name "${host}" to address: Name or service not known`;
  if (code === 'EAI_AGAIN')
    return `could not translate host name "${host}" to address: Temporary failure in name resolution`;
  if (host === undefined)
    return `connection to server ${placeOf(options)} failed: No such file or directory\n\tIs the server running locally and accepting connections on that socket?`;
  if (code === 'ECONNREFUSED')
    return `connection to server ${placeOf(options)} failed: Connection refused\n\tIs the server running on that host and accepting TCP/IP connections?`;
  const why =
    code === 'ETIMEDOUT' ? 'Connection timed out' : code === 'EHOSTUNREACH' ? 'No route to host' : message;
  return `connection to server ${placeOf(options)} failed: ${why}`;
}
