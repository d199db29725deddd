import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type EmbeddedPlatform, findWeights, startEmbedded } from '@atelier/embedded';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

const DASHBOARD = fileURLToPath(new URL('../../apps/dashboard/', import.meta.url));
const CHROMIUM_FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Real: a browser, the built pages, the whole platform with the tiny weights. */
describe('the dashboard', () => {
  let folder: string;
  let platform: EmbeddedPlatform;
  let browser: Browser;
  let page: Page;
  let problems: string[];

  beforeAll(async () => {
    await buildDashboard();
    folder = await mkdtemp(join(tmpdir(), 'atelier-dashboard-'));
    // A folder of weights may be named to look at the pages with other ones.
    const weightsDir = process.env.ATELIER_TEST_WEIGHTS ?? (await findWeights('tiny'));
    platform = await startEmbedded({ dataDir: folder, weightsDir });
    await platform.ready;
    browser = await chromium.launch({
      executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
      args: CHROMIUM_FLAGS,
    });
  }, 180_000);
  afterAll(async () => {
    await browser?.close();
    await platform?.stop();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  beforeEach(async () => {
    page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    problems = [];
    page.on('pageerror', (error) => problems.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error') problems.push(message.text());
    });
    page.on('request', (request) => {
      if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(platform.url)) {
        problems.push(`asked ${request.url()}`);
      }
    });
  });
  afterEach(() => page.close());

  it('draws a picture, shows what was done with the prompt, and gives the same picture for the same seed', async () => {
    await page.goto(platform.url);
    await page.getByLabel('What should be drawn?').fill('two red aple');
    await page.getByLabel('Seed').fill('7');
    await page.getByLabel('What should be drawn?').press('Enter');
    const cards = page.getByRole('list', { name: 'Finished pictures' }).getByRole('listitem');
    await cards.first().getByRole('img').waitFor();
    const drawn = await cards.count();
    const source = await pictureBytes(page, 0);
    expect(source.subarray(1, 4).toString()).toBe('PNG');

    await cards.first().getByRole('button').click();
    const detail = page.getByRole('dialog');
    await detail.getByRole('heading', { name: 'How the prompt was read' }).waitFor();
    expect(await detail.innerText()).toMatch(/aple[\s\S]*apple/);
    expect(await detail.innerText()).toMatch(/denoising\s+\d/);

    await detail.getByRole('button', { name: 'Draw again with this seed' }).click();
    await detail.waitFor({ state: 'hidden' });
    await expect.poll(() => cards.count()).toBe(drawn + 1);
    await cards.first().getByRole('img').waitFor();
    expect((await pictureBytes(page, 0)).equals(source)).toBe(true);
    expect(problems).toEqual([]);
  });

  it('shows the stages of the newest job as a waterfall, and the workers', async () => {
    const job = await createJob('a red apple');
    await page.goto(`${platform.url}/#/operations`);
    await expect.poll(() => page.locator('.job-summary .state').textContent()).toBe('succeeded');
    const rows = page.locator('.waterfall-rows li');
    expect(await rows.allInnerTexts()).toEqual(expect.arrayContaining([expect.stringContaining('denoising')]));
    expect(await page.locator('.waterfall-rows li[data-stage="denoising"] .bar-working').count()).toBe(1);
    expect(await page.getByLabel('Job', { exact: true }).inputValue()).toBe(job);
    await page.getByRole('region', { name: 'Workers' }).locator('[data-stage="denoising"]').waitFor();
    expect(problems).toEqual([]);
  });

  it('tells a refused request and a server that is gone in sentences', async () => {
    await page.goto(platform.url);
    await page.getByLabel('What should be drawn?').fill('apple '.repeat(1_700));
    await page.getByRole('button', { name: 'Draw', exact: true }).click();
    await page.getByRole('alert').waitFor();
    expect(await page.getByRole('alert').innerText()).toMatch(/prompt/i);
    await page.route('**/v1/**', (route) => route.abort());
    await page.goto(`${platform.url}/#/operations`);
    await expect
      .poll(() => page.getByRole('alert').first().innerText(), { timeout: 10_000 })
      .toMatch(/does not answer/);
  });

  it('shows markup of a prompt as text', async () => {
    await createJob('<img src=x onerror=alert(1)> apple');
    await page.goto(platform.url);
    await page.getByText('<img src=x onerror=alert(1)> apple').first().waitFor();
    expect(await page.locator('img[src="x"]').count()).toBe(0);
    expect(problems).toEqual([]);
  });

  async function createJob(prompt: string): Promise<string> {
    const response = await fetch(`${platform.url}/v1/images/generations`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ prompt }),
    });
    expect(response.status).toBe(200);
    return ((await response.json()) as { job: string }).job;
  }
});

/** Bytes of a picture of the gallery as its link gives them. */
async function pictureBytes(page: Page, index: number): Promise<Buffer> {
  const source = await page.locator('.gallery .card-picture img').nth(index).getAttribute('src');
  const response = await page.request.get(new URL(source as string, page.url()).href);
  return response.body();
}

/** The files are overwritten in place: other suites serve the same folder at the same time. */
async function buildDashboard(): Promise<void> {
  const require = createRequire(import.meta.url);
  const vite = join(dirname(require.resolve('vite/package.json')), 'bin/vite.js');
  await promisify(execFile)(process.execPath, [vite, 'build', '--logLevel', 'warn', '--emptyOutDir=false'], {
    cwd: DASHBOARD,
    // Vitest's own value would bundle the development build of React.
    env: { ...process.env, NODE_ENV: 'production' },
  });
}
