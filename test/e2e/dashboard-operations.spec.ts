import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DashboardHarness } from './dashboard-harness.ts';

/** Real: a browser, the built pages, the whole platform with the tiny weights; only the long history is made up. */
describe('the operations page', { timeout: 60_000 }, () => {
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
  afterEach(async () => {
    // Answers that are still under way belong to nobody any more.
    await page.unrouteAll({ behavior: 'ignoreErrors' });
    await page.close();
  });

  const jobs = () => page.getByRole('region', { name: 'Jobs' });
  const prompts = () => jobs().locator('.job-link');
  const stages = () => page.getByRole('region', { name: 'Stages of a job' });

  it('shows the stages of the newest job with what each waited and worked, and the workers', async () => {
    await harness.draw('a red apple');
    await page.goto(`${harness.url}/#/operations`);
    await expect.poll(() => stages().locator('.state').textContent()).toBe('succeeded');
    const denoising = stages().locator('.waterfall-rows li[data-stage="denoising"]');
    expect(await denoising.locator('.bar-working').count()).toBe(1);
    expect(await denoising.innerText()).toMatch(/waited\s+[\d.]+ m?s\s+worked\s+[\d.]+ m?s/);
    await page.getByRole('region', { name: 'Workers' }).locator('[data-stage="denoising"]').waitFor();
    expect(problems).toEqual([]);
  });

  it('adds up the runs of a stage where a job has several pictures', async () => {
    await harness.draw('a house', { n: 3 });
    await page.goto(`${harness.url}/#/operations`);
    const row = stages().getByRole('row', { name: /^denoising 3 / });
    await row.waitFor();
    expect(await row.innerText()).toMatch(/denoising\s+3\s+[\d.]+ m?s\s+[\d.]+ m?s\s+\d+ %/);
  });

  it('says why a job was refused, in the list and beside its stages', async () => {
    await harness.draw('xyzzy').catch(() => undefined);
    await page.goto(`${harness.url}/#/operations`);
    await page.getByLabel('State', { exact: true }).selectOption('rejected');
    await expect.poll(() => prompts().allTextContents()).toEqual(['xyzzy']);
    expect(await jobs().locator('.job-cause').innerText()).toMatch(/vocabulary|drawn/);
    await prompts().first().click();
    await expect.poll(() => stages().locator('.job-cause').first().innerText()).toMatch(/refused/i);
  });

  it('finds jobs by words and goes from job to job with the keys alone', async () => {
    const house = await harness.draw('a green house');
    await harness.draw('a green cactus');
    await harness.draw('a blue house');
    await page.goto(`${harness.url}/#/operations`);
    await prompts().first().waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('HOUSE green');
    await expect.poll(() => prompts().allTextContents()).toEqual(['a green house']);
    await page.keyboard.press('Control+A');
    await page.keyboard.type('green');
    await expect.poll(() => prompts().allTextContents()).toEqual(['a green cactus', 'a green house']);
    await prompts().first().focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.url()).toContain(house);
    await expect.poll(() => stages().locator('.prompt-text').textContent()).toBe('a green house');
    expect(problems).toEqual([]);
  });

  it('stays usable with 10,000 jobs and 10,000 waiting runs: rows come in pages', async () => {
    const job = await harness.draw('a red apple');
    const template = (await (await fetch(`${harness.url}/v1/jobs/${job}`)).json()) as object;
    const made = (index: number) => ({ ...template, id: `gen_${index}`, prompt: `number ${index}` });
    await page.route('**/v1/jobs?*', async (route) => {
      const query = new URL(route.request().url()).searchParams;
      const start = Number(query.get('cursor') ?? 0);
      const end = Math.min(10_000, start + Number(query.get('limit')));
      const data = Array.from({ length: end - start }, (_, index) => made(start + index));
      await route.fulfill({ json: { object: 'list', data, next_cursor: end < 10_000 ? String(end) : null } });
    });
    await page.route('**/v1/jobs/gen_*', (route) => route.fulfill({ json: made(0) }));
    const snapshot = (await (await fetch(`${harness.url}/v1/operations`)).json()) as object;
    const waiting = { stage: 'denoising', tenant: 'ten_default', priority: 'normal', predicted_ms: 1, reason: 'busy' };
    const queue = Array.from({ length: 10_000 }, (_, position) => ({
      ...waiting,
      job: `gen_${position}`,
      run: `run_${position}`,
      position,
      waiting_ms: position,
    }));
    await page.route('**/v1/operations', (route) => route.fulfill({ json: { ...snapshot, queue } }));

    await page.goto(`${harness.url}/#/operations`);
    await expect.poll(() => prompts().count()).toBe(20);
    await jobs().getByRole('button', { name: 'Next' }).click();
    await expect.poll(() => prompts().first().textContent()).toBe('number 20');
    await jobs().getByRole('button', { name: 'Previous' }).click();
    await expect.poll(() => prompts().first().textContent()).toBe('number 0');
    await page.getByLabel('Find jobs').fill('number 9999');
    await jobs().getByText('Looked at the newest 1000 jobs.').waitFor();
    const waitingRuns = page.getByRole('region', { name: 'Queue' });
    await waitingRuns.getByText('1–10 of 10000').waitFor();
    expect(await page.locator('tbody tr').count()).toBeLessThan(60);
    expect(problems).toEqual([]);
  });
});
