import { findWeights } from '@atelier/embedded';
import { OnnxInference } from '@atelier/inference-onnx';
import { systemClock } from '@atelier/platform';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DashboardHarness } from './dashboard-harness.ts';
import { HeldInference } from './held-inference.ts';
import { auditPage } from './page-audit.ts';

const STEPS = 64;
const HELD_STEP = 9;

/** Real but for the pace: the engine stops after step 9 until the test has looked at the page. */
describe('the Studio while a picture is drawn', { timeout: 60_000 }, () => {
  let engine: HeldInference;
  let harness: DashboardHarness;
  let page: Page;
  let problems: string[];

  beforeAll(async () => {
    engine = new HeldInference(await OnnxInference.open(await findWeights('tiny')), systemClock);
    harness = await DashboardHarness.start({ inference: engine, clock: engine.clock });
  }, 180_000);
  afterAll(async () => {
    engine?.release();
    await harness?.stop();
    await engine?.close();
  });
  beforeEach(async () => {
    ({ page, problems } = await harness.newPage());
    engine.holdAfter(HELD_STEP);
  });
  afterEach(async () => {
    engine.release();
    await page.close();
  });

  const startDrawing = async (prompt: string) => {
    await page.goto(harness.url);
    await page.getByLabel('Steps').fill(String(STEPS));
    await page.getByLabel('What should be drawn?').fill(prompt);
    await page.getByLabel('What should be drawn?').press('Enter');
    return page.getByRole('article', { name: `In progress: ${prompt}` });
  };
  const isLoaded = (image: { naturalWidth?: number }) => (image.naturalWidth ?? 0) > 0;

  it('says the step, shows an unfinished preview, and becomes the picture', async () => {
    const active = await startDrawing('a house');
    await active.getByText(`Drawing, step ${HELD_STEP} of ${STEPS}`).waitFor();
    await expect.poll(() => active.getByAltText('Unfinished preview').evaluate(isLoaded)).toBe(true);
    expect(await auditPage(page, 'studio-drawing')).toEqual([]);
    const share = Number(await active.getByRole('progressbar').getAttribute('value'));
    expect(share).toBeGreaterThan(0.05);
    expect(share).toBeLessThan(0.5);
    engine.release();
    await active.waitFor({ state: 'hidden' });
    await page.getByRole('list', { name: 'Finished pictures' }).getByAltText('a house').first().waitFor();
    expect(problems).toEqual([]);
  });

  it('stops the drawing on request and says that nothing came of it', async () => {
    const active = await startDrawing('a red house');
    await active.getByText(`Drawing, step ${HELD_STEP} of ${STEPS}`).waitFor();
    await active.getByRole('button', { name: 'Cancel' }).click();
    await page.getByText('Canceled before a picture was finished.').waitFor();
    await active.waitFor({ state: 'hidden' });
    expect(await page.getByAltText('a red house').count()).toBe(0);
    expect(problems).toEqual([]);
  });

  it('shows a job that another page has started, from where it stands', async () => {
    await startDrawing('a tree').then((active) => active.getByText(/step 9 of 64/).waitFor());
    const other = await harness.newPage();
    await other.page.goto(harness.url);
    const seen = other.page.getByRole('article', { name: 'In progress: a tree' });
    await seen.getByText(`Drawing, step ${HELD_STEP} of ${STEPS}`).waitFor();
    await expect.poll(() => seen.getByAltText('Unfinished preview').evaluate(isLoaded)).toBe(true);
    engine.release();
    await other.page.getByRole('list', { name: 'Finished pictures' }).getByAltText('a tree').waitFor();
    expect(other.problems).toEqual([]);
    await other.page.close();
  });
});
