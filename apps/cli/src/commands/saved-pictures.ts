import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, extname, relative, resolve } from 'node:path';
import type { AtelierClient, Job, JobOutput, ScoringAnswer } from '@atelier/client-sdk';
import type { CommandContext } from '../command.js';

const TOLD_CHANGES: ReadonlySet<string> = new Set(['substituted', 'dropped', 'spelling']);

/** `seed` draws the picture again; `answers` say which asked things are in it. */
export interface SavedPicture extends Pick<JobOutput, 'width' | 'height' | 'sha256' | 'url'> {
  readonly path: string;
  readonly seed: number;
  readonly score: number | null;
  readonly answers: readonly ScoringAnswer[];
}

/** The file's ending chooses the format, so that `apple.webp` is a WebP. */
export function formatOf(out: string | undefined): string | undefined {
  const ending = extname(out ?? '').toLowerCase();
  return { '.webp': 'webp', '.jpg': 'jpeg', '.jpeg': 'jpeg', '.png': 'png' }[ending];
}

/** Saves the chosen pictures of a finished job; without a name one is made from prompt and seed. */
export async function savePictures(
  client: AtelierClient,
  job: Job,
  out: string | undefined,
  signal: AbortSignal,
): Promise<SavedPicture[]> {
  const chosen = job.samples.flatMap((sample) =>
    sample.candidates
      .filter((candidate) => candidate.chosen)
      .flatMap((candidate) => candidate.outputs.map((output) => ({ candidate, output }))),
  );
  const saved: SavedPicture[] = [];
  for (const [index, { candidate, output }] of chosen.entries()) {
    const path = pathOf(job, out, output, chosen.length > 1 ? index + 1 : null);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, await client.downloadImage(output.url, { signal }));
    const { width, height, sha256, url } = output;
    const { seed, score } = candidate;
    const answers = candidate.answers.filter(({ outputIndex }) => outputIndex === output.index);
    saved.push({ path, seed, score, answers, width, height, sha256, url });
  }
  return saved;
}

/** `apple.png`, and `apple-1.png`, `apple-2.png` for several; without a name one is made from prompt and seed. */
function pathOf(job: Job, out: string | undefined, output: JobOutput, number: number | null): string {
  const ending = `.${output.content_type.split('/')[1] ?? 'png'}`;
  const slug = job.prompt
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 48);
  const name = out ?? `${slug || 'picture'}-${job.request.seed}${ending}`;
  if (number === null) return resolve(name);
  const own = extname(name);
  return resolve(`${name.slice(0, name.length - own.length)}-${number}${own}`);
}

/** Short inside the working folder, absolute elsewhere. */
function nearPath(path: string): string {
  const near = relative(process.cwd(), path);
  return near.startsWith('..') ? path : near;
}

/** Prints where the pictures are, with their seeds and scores, and what the user should know about them. */
export function reportPictures(
  context: CommandContext,
  job: Job,
  pictures: readonly SavedPicture[],
  asJson: boolean,
): void {
  const { terminal } = context;
  if (asJson) {
    const { id, status, expansion, timings, warnings } = job;
    terminal.out(JSON.stringify({ job: id, status, images: pictures, expansion, timings, warnings }, null, 2));
    return;
  }
  const changes = (job.expansion?.explanation ?? []).filter(({ kind }) => TOLD_CHANGES.has(kind));
  // A word that was dropped is a warning and a change in the same sentence.
  for (const message of new Set([...job.warnings, ...changes].map(({ message }) => message))) {
    terminal.err(`note: ${message}\n`);
  }
  for (const { path, width, height, seed, score, answers } of pictures) {
    const judged = score === null ? '' : `  score ${score.toFixed(2)}`;
    terminal.out(`${nearPath(path)}  ${width}x${height}  seed ${seed}${judged}`);
    for (const { question } of answers.filter(({ holds }) => !holds)) terminal.err(`  not sure: ${question}\n`);
  }
  const failed = job.samples.filter((sample) => sample.status !== 'succeeded').length;
  if (failed > 0) terminal.err(`${failed} of ${job.samples.length} pictures could not be drawn\n`);
  terminal.err(`${job.id}  ${((job.timings.total_ms ?? 0) / 1000).toFixed(2)} s\n`);
}
