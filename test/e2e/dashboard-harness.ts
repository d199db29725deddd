import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type EmbeddedOptions, type EmbeddedPlatform, findWeights, startEmbedded } from '@atelier/embedded';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const BUILD = fileURLToPath(new URL('../../tools/setup/build.mjs', import.meta.url));
const CHROMIUM_FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A page and what must not have happened on it: errors, and requests to anything but the platform. */
export interface WatchedPage {
  readonly page: Page;
  readonly problems: string[];
}

/** Real: the built pages, a whole platform in this process, and a browser. */
export class DashboardHarness {
  private constructor(
    private readonly folder: string,
    readonly platform: EmbeddedPlatform,
    private readonly browser: Browser,
  ) {}

  /** The weights are the tiny ones unless ATELIER_TEST_WEIGHTS names a folder: the same pages with better pictures. */
  static async start(options: Partial<EmbeddedOptions> = {}): Promise<DashboardHarness> {
    await promisify(execFile)(process.execPath, [BUILD, 'dashboard']);
    const folder = await mkdtemp(join(tmpdir(), 'atelier-dashboard-'));
    const weightsDir = process.env.ATELIER_TEST_WEIGHTS ?? (await findWeights('tiny'));
    const platform = await startEmbedded({ dataDir: folder, weightsDir, ...options });
    await platform.ready;
    const executablePath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
    return new DashboardHarness(folder, platform, await chromium.launch({ executablePath, args: CHROMIUM_FLAGS }));
  }

  get url(): string {
    return this.platform.url;
  }

  async newPage(options: BrowserContextOptions = {}): Promise<WatchedPage> {
    const page = await this.browser.newPage({ viewport: { width: 1280, height: 900 }, ...options });
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error') problems.push(message.text());
    });
    page.on('request', (request) => {
      if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(this.url)) {
        problems.push(`asked ${request.url()}`);
      }
    });
    return { page, problems };
  }

  /** Draws and waits; returns the id of the job. */
  async draw(prompt: string, settings: Readonly<Record<string, unknown>> = {}): Promise<string> {
    const response = await fetch(`${this.url}/v1/images/generations`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ prompt, ...settings }),
    });
    if (!response.ok) throw new Error(`drawing answered ${response.status}: ${await response.text()}`);
    return ((await response.json()) as { job: string }).job;
  }

  async stop(): Promise<void> {
    await this.browser.close();
    await this.platform.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Bytes of a picture of the gallery as its link gives them. */
export async function pictureBytes(page: Page, index: number): Promise<Buffer> {
  const source = await page.locator('.gallery .card-picture img').nth(index).getAttribute('src');
  const response = await page.request.get(new URL(source as string, page.url()).href);
  return response.body();
}
