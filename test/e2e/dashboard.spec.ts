import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DashboardHarness, pictureBytes } from './dashboard-harness.ts';

/** Real: a browser, the built pages, the whole platform with the tiny weights. */
describe('the dashboard', { timeout: 60_000 }, () => {
  let harness: DashboardHarness;
  let page: Page;
  let problems: string[];

  beforeAll(async () => {
    harness = await DashboardHarness.start();
  }, 180_000);
  afterAll(() => harness?.stop());
  beforeEach(async () => {
    ({ page, problems } = await harness.newPage());
  });
  afterEach(() => page.close());

  it('draws a picture, shows what was done with the prompt, and gives the same picture for the same seed', async () => {
    await page.goto(harness.url);
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

  it('shows under a picture what the checker saw of the request, and beside it the candidates that were not kept', async () => {
    await harness.draw('a red apple in the desert', { best_of: 3, seed: 7 });
    await page.goto(harness.url);
    const card = page.getByRole('listitem').filter({ hasText: 'a red apple in the desert' });
    await card.getByText(/^\d of 2 seen/).waitFor();
    await card.getByRole('button').click();
    const detail = page.getByRole('dialog');
    const answers = detail.locator('.answers li');
    expect((await answers.allInnerTexts()).map((text) => text.replace(/\s+/g, ' ')).sort()).toEqual([
      expect.stringMatching(/(Seen|Missing): a red apple \d+ %$/),
      expect.stringMatching(/(Seen|Missing): an apple \d+ %$/),
    ]);
    expect(await detail.getByAltText(/^Candidate with seed/).count()).toBe(2);
    expect(problems).toEqual([]);
  });

  it('tells a refused request and a server that is gone in sentences', async () => {
    await page.goto(harness.url);
    await page.getByLabel('What should be drawn?').fill('apple '.repeat(1_700));
    await page.getByRole('button', { name: 'Draw', exact: true }).click();
    await page.getByRole('alert').waitFor();
    expect(await page.getByRole('alert').innerText()).toMatch(/prompt/i);
    await page.route('**/v1/**', (route) => route.abort());
    await page.goto(`${harness.url}/#/operations`);
    await expect.poll(() => page.getByRole('alert').first().innerText()).toMatch(/does not answer/);
  });

  it('shows markup of a prompt as text', async () => {
    await harness.draw('<img src=x onerror=alert(1)> apple');
    await page.goto(harness.url);
    await page.getByText('<img src=x onerror=alert(1)> apple').first().waitFor();
    expect(await page.locator('img[src="x"]').count()).toBe(0);
    expect(problems).toEqual([]);
  });
});
