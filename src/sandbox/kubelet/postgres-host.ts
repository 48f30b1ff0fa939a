import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { ordinaryUser, type Postgres } from '../../postgres.ts';
import { copyTemplate, hasStatements, template } from '../postgres/template.ts';
import { ORDINARY_USER } from '../wall/script.ts';

export interface PostgresHostOptions {
  found: Postgres;
  /** dist/postgres.cjs */
  program: string;
  /** Folder of the templates of database clusters, one a version. */
  templates: string;
  /** Folders of the sandbox, both to be seen behind the second wall: for data, and for unix sockets. */
  folder: string;
  sockets: string;
  walled: boolean;
}

/** A container's database cluster on this node. */
export interface Place {
  data: string;
  marker: string;
  socketFolder: string;
}

/** Where the servers of containers keep their data, and as whom they run. */
export class PostgresHost {
  readonly user: { uid: number; gid: number } | undefined;
  readonly userNamespace: string | undefined;
  private readonly folder: string;
  private readonly sockets: string;

  constructor(readonly options: PostgresHostOptions) {
    const { folder, sockets, walled } = options;
    this.user = walled ? undefined : ordinaryUser();
    this.userNamespace = walled ? ORDINARY_USER : undefined;
    // An ordinary user does not get at the folders of root. The next sandbox in the same folder finds what this one left.
    const name = `postgres-${createHash('sha256').update(folder).digest('hex').slice(0, 12)}`;
    this.folder = this.user ? join(tmpdir(), name) : join(folder, 'databases');
    this.sockets = this.user ? this.folder : sockets;
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }

  /**
   * A container's place: `owner` is the folder of its pod, or of the volume that it keeps its data in. What is there
   * stays only if it has been set up and is to be `kept`.
   */
  async prepare(owner: string, container: string, kept: boolean): Promise<Place> {
    const place = join(this.folderOf(owner), container);
    const data = join(place, 'data');
    const marker = join(place, 'is-set-up');
    if (!kept || !existsSync(marker)) {
      rmSync(place, { recursive: true, force: true, maxRetries: 3 });
      mkdirSync(place, { recursive: true, mode: this.user ? 0o711 : 0o700 });
      const { found, templates } = this.options;
      await copyTemplate(await template(found, templates), data, this.user);
    }
    const socketFolder = join(this.sockets, `db-${randomBytes(3).toString('hex')}`);
    return { data, marker, socketFolder };
  }

  async hasStatements(): Promise<boolean> {
    return hasStatements(this.options.found);
  }

  drop(owner: string): void {
    rmSync(this.folderOf(owner), { recursive: true, force: true, maxRetries: 3 });
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }

  private folderOf(owner: string): string {
    return join(this.folder, basename(owner));
  }
}
