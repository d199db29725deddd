import type { ModelInfo } from '@atelier/client-sdk';
import type { Page, Request } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DashboardHarness, pictureBytes } from './dashboard-harness.ts';
import { auditPage } from './page-audit.ts';

type SentForm = { readonly image: Buffer; readonly fields: Readonly<Record<string, string>> };

/** Real: a browser, the built pages, the whole platform with tiny weights that have learned to recolour. */
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
  afterEach(async () => {
    // Answers that are still under way belong to nobody any more.
    await page.unrouteAll({ behavior: 'ignoreErrors' });
    await page.close();
  });

  const setUntrained = () =>
    page.route('**/v1/models', async (route) => {
      const response = await route.fetch();
      const models = (await response.json()) as { data: ModelInfo[] };
      for (const task of models.data.flatMap(({ tasks }) => tasks)) task.trained = task.name === 'text-to-image';
      await route.fulfill({ response, json: models });
    });

  it('takes a drawn picture, shows the result beside it, and does the same again with its seed', async () => {
    await harness.draw('a red house', { seed: 3 });
    await page.route('**/v1/images/edits', async (route) => {
      sent.push(await formOf(route.request()));
      await route.continue();
    });
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
    expect(sent[0]?.fields).toEqual({ prompt: 'make the house blue', task: 'recolour', n: '1', async: 'true' });
    expect(sent[0]?.image.equals(drawn)).toBe(true);
    const changed = await pictureBytes(page, 0);

    await result.first().getByRole('button').click();
    const detail = page.getByRole('dialog');
    await detail.getByText('Before', { exact: true }).waitFor();
    await detail.getByText('After', { exact: true }).waitFor();
    expect(await auditPage(page, 'edit-detail')).toEqual([]);
    await detail.getByRole('button', { name: 'Draw again with this seed' }).click();
    await expect.poll(() => result.count()).toBe(2);
    expect((await pictureBytes(page, 0)).equals(changed)).toBe(true);
    expect(problems).toEqual([]);
  });

  it('takes a file that can be changed, refuses another kind in a sentence, and lets go of it', async () => {
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
    await setUntrained();
    await page.goto(harness.url);
    await page.getByText('they have not learned to change a picture').waitFor();
    expect(await page.locator('input[type="file"]').count()).toBe(0);
    await page.locator('.card-picture').first().click();
    await page.getByRole('dialog').getByRole('heading', { name: 'How the prompt was read' }).waitFor();
    expect(await page.getByRole('button', { name: 'Edit this one' }).count()).toBe(0);
    expect(problems).toEqual([]);
  });
});

async function formOf(request: Request): Promise<SentForm> {
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
