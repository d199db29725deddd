import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run, type Terminal } from '@atelier/cli';
import { type EmbeddedPlatform, findWeights, startEmbedded } from '@atelier/embedded';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const PNG_SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** Real: the commands, the platform with the tiny weights. Recorded: the terminal. */
describe('atelier', () => {
  let folder: string;
  let platform: EmbeddedPlatform;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'atelier-cli-'));
    platform = await startEmbedded({ dataDir: join(folder, 'data'), weightsDir: await findWeights('tiny') });
    await platform.ready;
  });
  afterAll(async () => {
    await platform?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function atelier(
    args: readonly string[],
    options: { url?: string; interactive?: boolean; signal?: AbortSignal } = {},
  ) {
    let out = '';
    let err = '';
    const terminal: Terminal = {
      isInteractive: options.interactive ?? false,
      columns: 80,
      out: (text) => {
        out += `${text}\n`;
      },
      err: (text) => {
        err += text;
      },
    };
    const code = await run({
      args,
      environment: { ATELIER_URL: options.url ?? platform.url },
      terminal,
      signal: options.signal ?? new AbortController().signal,
    });
    return { code, out, err };
  }

  it('draw leaves the picture where it was asked to and prints its path', async () => {
    const path = join(folder, 'apple.png');
    const { code, out } = await atelier(['draw', 'a red apple', '--out', path, '--seed', '7']);
    expect(code).toBe(0);
    expect(out).toContain(path);
    expect(out).toContain('seed 7');
    expect((await readFile(path)).subarray(0, 8)).toEqual(PNG_SIGNATURE);
  });

  it('draw with the same seed leaves the same bytes', async () => {
    const paths = [join(folder, 'a.png'), join(folder, 'b.png')];
    for (const path of paths) await atelier(['draw', 'a red apple', '--out', path, '--seed', '9']);
    const [a, b] = await Promise.all(paths.map((path) => readFile(path)));
    expect(a?.equals(b as Buffer)).toBe(true);
  });

  it('draw numbers several pictures and names the format by the ending', async () => {
    const { code, out } = await atelier(['draw', 'a red apple', '-n', '2', '-o', join(folder, 'two.webp')]);
    expect(code).toBe(0);
    expect(out.match(/two-[12]\.webp/g)).toEqual(['two-1.webp', 'two-2.webp']);
    expect((await readFile(join(folder, 'two-2.webp'))).toString('latin1', 8, 12)).toBe('WEBP');
  });

  it('draw --json prints one document that a program can read, and nothing else', async () => {
    const { out, err } = await atelier(['draw', 'a red apple', '--json', '-o', join(folder, 'json.png')]);
    const document = JSON.parse(out);
    expect(document).toMatchObject({ status: 'succeeded', images: [{ path: join(folder, 'json.png'), width: 64 }] });
    expect(err).toBe('');
  });

  it('draw shows a bar that moves where somebody watches', async () => {
    const args = ['draw', 'a red apple', '-o', join(folder, 'bar.png'), '--steps', '20'];
    const { err } = await atelier(args, { interactive: true });
    expect(new Set(err.match(/\d+ %/g)).size).toBeGreaterThan(2);
    expect(err).toContain('\r\x1b[2K');
  });

  it('jobs lists what was drawn, watch and cancel say how a job stands', async () => {
    const drawn = JSON.parse((await atelier(['draw', 'a red apple', '--json', '-o', join(folder, 'w.png')])).out);
    expect((await atelier(['jobs', '--limit', '1'])).out).toContain(drawn.job);
    const watched = await atelier(['watch', drawn.job]);
    expect(watched).toMatchObject({ code: 0 });
    expect(watched.out).toContain('/v1/images/content/');
    expect(await atelier(['cancel', drawn.job])).toMatchObject({ code: 4 });
  });

  it('edit changes the colour of one thing and leaves the picture where it was asked to be', async () => {
    const [before, after] = [join(folder, 'before.png'), join(folder, 'after.webp')];
    await atelier(['draw', 'a red apple in a meadow', '--seed', '7', '-o', before]);
    const { code, out, err } = await atelier(['edit', before, 'make the apple blue', '-o', after, '--seed', '7']);
    expect({ code, err }).toMatchObject({ code: 0 });
    expect(out).toMatch(/after\.webp {2}64x64 {2}seed 7 {2}score [01]\.\d\d/);
    expect((await readFile(after)).toString('latin1', 8, 12)).toBe('WEBP');
    const said = await atelier(['edit', before, 'make the apple bigger']);
    expect(said).toMatchObject({ code: 4 });
    expect(said.err).toContain('Say one thing and then its new colour');
    expect((await atelier(['edit', join(folder, 'none.png'), 'make the apple blue'])).err).toContain('ENOENT');
  });

  it('models names the vocabulary', async () => {
    expect((await atelier(['models'])).out).toMatch(/concepts .*apple/);
  });

  it.each([
    ['no command', [], 2],
    ['an unknown command', ['paint'], 2],
    ['an unknown option', ['draw', 'dog', '--frobnicate'], 2],
    ['no prompt', ['draw'], 2],
    ['an edit without a picture', ['edit', 'make the apple blue'], 2],
    ['a seed of words', ['draw', 'dog', '--seed', 'x'], 2],
    ['a size that is none', ['draw', 'dog', '--size', 'big'], 4],
    ['a prompt that cannot be drawn', ['draw', 'quixotry'], 4],
    ['an unknown job', ['watch', 'gen_00000000000000000000000000'], 4],
    ['help', ['--help'], 0],
  ])('%s exits with its documented code', async (_name, args, expected) => {
    const { code, err } = await atelier(args);
    expect(code).toBe(expected);
    if (expected !== 0 && args.length > 0) expect(err).not.toBe('');
  });

  it('exits with 3 when no server answers at ATELIER_URL', async () => {
    const { code, err } = await atelier(['jobs'], { url: 'http://127.0.0.1:1' });
    expect(code).toBe(3);
    expect(err).toContain('http://127.0.0.1:1');
  });

  it('exits with 130 at Ctrl-C and cancels what it had asked for', async () => {
    const interrupt = new AbortController();
    const drawing = atelier(['draw', 'a red apple', '-n', '10', '--steps', '64', '-o', join(folder, 'never.png')], {
      signal: interrupt.signal,
    });
    const id = await firstUnfinishedJob();
    interrupt.abort(new Error('interrupted'));
    expect((await drawing).code).toBe(130);
    expect((await platform.store.get('ten_default', id))?.generation.state).toBe('canceled');
  });

  async function firstUnfinishedJob(): Promise<string> {
    for (;;) {
      const { generations } = await platform.store.list('ten_default', { limit: 1 });
      const newest = generations[0]?.generation;
      if (newest && newest.finishedAt === null) return newest.id;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
});
