import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

/** What a running platform tells the tools of the same user on the same machine. */
export interface ServerFile {
  readonly pid: number;
  readonly url: string;
  /** Guards the administrative routes; new at every start. */
  readonly adminToken: string;
}

/** Places inside the data folder, and the small files that live beside the database. */
export class DataFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = resolve(path);
  }

  get database(): string {
    return join(this.path, 'database');
  }

  get blobs(): string {
    return join(this.path, 'blobs');
  }

  async create(): Promise<void> {
    await mkdir(this.path, { recursive: true, mode: 0o700 });
  }

  /** Signs links to pictures; made at the first start and kept, so that links outlive a restart. */
  async linkSecret(): Promise<Uint8Array> {
    const path = join(this.path, 'link-secret');
    const known = await readFile(path).catch(ignoreMissing);
    if (known && known.byteLength >= 32) return known;
    const secret = randomBytes(32);
    await this.write('link-secret', secret);
    return secret;
  }

  async writeServerFile(server: ServerFile): Promise<void> {
    await this.write('server.json', Buffer.from(`${JSON.stringify(server, null, 2)}\n`));
  }

  async readServerFile(): Promise<ServerFile | null> {
    const text = await readFile(join(this.path, 'server.json'), 'utf8').catch(ignoreMissing);
    return text ? (JSON.parse(text) as ServerFile) : null;
  }

  async removeServerFile(): Promise<void> {
    await rm(join(this.path, 'server.json'), { force: true });
  }

  /** Readable by the owner only, and never seen half-written. */
  private async write(name: string, content: Uint8Array): Promise<void> {
    const path = join(this.path, name);
    const temporary = `${path}.${process.pid}.tmp`;
    await writeFile(temporary, content, { mode: 0o600 });
    await rename(temporary, path);
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null;
  throw error;
}
