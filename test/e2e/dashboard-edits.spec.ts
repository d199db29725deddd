import type { Job, JobList, ModelInfo } from '@atelier/client-sdk';
import type { Page, Route } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DashboardHarness, pictureBytes } from './dashboard-harness.ts';
import { auditPage } from './page-audit.ts';

type SentForm = { readonly image: Buffer; readonly fields: Readonly<Record<string, string>> };

/**
 * Real: a browser, the built pages, the platform that draws. Stood in for: weights that have learned to recolour. An
 * edit is recorded and answered with a drawn job, which then says that it started from the picture that was sent.
 */
describe('changing a picture in the Studio', { timeout: 60_000 }, () => {
  let harness: DashboardHarness;
  let page: Page;
  let problems: string[];
  let sent: SentForm[];

  beforeAll(async () => {
    harness = await DashboardHarness.start();
  }, 180_000);
  afterAll(() => harness?.stop());
  beforeEach(async () => {
    ({ page, problems } = await harness.newPage());
    sent = [];
  });
  afterEach(() => page.close());

  const patched = async <T>(route: Route, patch: (body: T) => void) => {
    const response = await route.fetch();
    const body = (await response.json()) as T;
    patch(body);
    await route.fulfill({ response, json: body });
  };
  const setTrained = (trained: boolean) =>
    page.route('**/v1/models', (route) =>
      patched<{ data: ModelInfo[] }>(route, ({ data }) => {
        for (const task of data.flatMap(({ tasks }) => tasks)) task.trained = trained && task.name === 'recolour';
      }),
    );

  async function standInForEdits(originalUrl: string): Promise<void> {
    const edited = new Map<string, string>();
    const asEdit = (job: Job) => {
      const prompt = edited.get(job.id);
      if (prompt === undefined) return;
      Object.assign(job, { prompt, task: 'recolour', references: [{ role: 'source', url: originalUrl }] });
    };
    await page.route('**/v1/images/edits', async (route) => {
      const form = await formOf(route);
      sent.push(form);
      const job = await harness.draw('a blue house', { seed: Number(form.fields.seed ?? 5) });
      edited.set(job, form.fields.prompt as string);
      await route.fulfill({ json: { job } });
    });
    await page.route(/\/v1\/jobs\?/, (route) => patched<JobList>(route, ({ data }) => data.forEach(asEdit)));
    await page.route(/\/v1\/jobs\/[^/?]+$/, (route) => patched<Job>(route, asEdit));
  }

  it('takes a drawn picture, shows the result beside it, and does the same again with its seed', async () => {
    const job = await harness.draw('a red house', { seed: 3 });
    await setTrained(true);
    await standInForEdits(await urlOfFirstPicture(harness, job));
    await page.goto(harness.url);
    const cards = page.getByRole('list', { name: 'Finished pictures' }).getByRole('listitem');
    await cards.first().getByRole('img').waitFor();
    const drawn = await pictureBytes(page, 0);

    await cards.first().getByRole('button').click();
    await page.getByRole('button', { name: 'Edit this one' }).click();
    await page.getByAltText('To be changed').waitFor();
    expect(await page.getByLabel('What should change?').getAttribute('placeholder')).toMatch(/^make the \w+ blue$/);
    await page.keyboard.type('make the house blue');
    expect(await auditPage(page, 'edit-form')).toEqual([]);
    await page.keyboard.press('Enter');
    const result = cards.filter({ hasText: 'make the house blue' });
    await result.first().getByAltText('What it was before').waitFor();
    expect(sent).toHaveLength(1);
    expect(sent[0]?.fields).toEqual({ prompt: 'make the house blue', task: 'recolour', n: '1' });
    expect(sent[0]?.image.equals(drawn)).toBe(true);

    await result.first().getByRole('button').click();
    const detail = page.getByRole('dialog');
    await detail.getByText('Before', { exact: true }).waitFor();
    await detail.getByText('After', { exact: true }).waitFor();
    expect(await auditPage(page, 'edit-detail')).toEqual([]);
    await detail.getByRole('button', { name: 'Draw again with this seed' }).click();
    await expect.poll(() => sent.length).toBe(2);
    expect(sent[1]?.fields).toEqual({ prompt: 'make the house blue', task: 'recolour', n: '1', seed: '5' });
    expect(sent[1]?.image.equals(drawn)).toBe(true);
    await expect.poll(() => result.count()).toBe(2);
    expect(problems).toEqual([]);
  });

  it('takes a file that can be changed, refuses another kind in a sentence, and lets go of it', async () => {
    await setTrained(true);
    await page.goto(harness.url);
    const field = page.locator('input[type="file"]');
    await field.setInputFiles({ name: 'a.gif', mimeType: 'image/gif', buffer: Buffer.from('GIF89a') });
    await page.getByText('Only PNG, JPEG and WebP pictures can be changed.').waitFor();
    await field.setInputFiles({ name: 'cat.png', mimeType: 'image/png', buffer: Buffer.from('\x89PNG') });
    await page.getByText('cat.png').waitFor();
    await page.getByRole('button', { name: 'Change the picture' }).waitFor();
    await page.getByRole('button', { name: 'Remove the picture to be changed' }).click();
    await page.getByRole('button', { name: 'Draw', exact: true }).waitFor();
  });

  it('says so where the weights have not learned it, and offers nothing that would fail', async () => {
    await harness.draw('a house');
    await setTrained(false);
    await page.goto(harness.url);
    await page.getByText('they have not learned to change a picture').waitFor();
    expect(await page.locator('input[type="file"]').count()).toBe(0);
    await page.locator('.card-picture').first().click();
    await page.getByRole('dialog').getByRole('heading', { name: 'How the prompt was read' }).waitFor();
    expect(await page.getByRole('button', { name: 'Edit this one' }).count()).toBe(0);
    expect(problems).toEqual([]);
  });
});

async function formOf(route: Route): Promise<SentForm> {
  const request = route.request();
  const body = new Uint8Array(request.postDataBuffer() as Buffer);
  const headers = { 'content-type': (await request.headerValue('content-type')) as string };
  const fields: Record<string, string> = {};
  let image = Buffer.alloc(0);
  for (const [name, value] of await new Response(body, { headers }).formData()) {
    if (typeof value === 'string') fields[name] = value;
    else image = Buffer.from(await value.arrayBuffer());
  }
  return { image, fields };
}

async function urlOfFirstPicture({ url }: DashboardHarness, id: string): Promise<string> {
  const job = (await (await fetch(`${url}/v1/jobs/${id}`)).json()) as Job;
  return job.samples[0]?.candidates[0]?.outputs[0]?.url as string;
}
