import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DashboardHarness } from './dashboard-harness.ts';
import { auditPage } from './page-audit.ts';

const LOOKS = [
  ['light', 1440],
  ['dark', 1440],
  ['light', 390],
  ['dark', 390],
] as const;

/** Every page in both colour schemes, wide and narrow. */
describe('the look of the dashboard', { timeout: 120_000 }, () => {
  let harness: DashboardHarness;

  beforeAll(async () => {
    harness = await DashboardHarness.start();
    await harness.draw('a red apple and a wombat', { n: 2, seed: 7 });
    await harness.draw('a house', { best_of: 2, seed: 3 });
    await harness.draw('xyzzy', { strict: true }).catch(() => undefined);
  }, 180_000);
  afterAll(() => harness?.stop());

  it.each(LOOKS)('can be read, hit and seen whole: %s, %i px wide', async (colorScheme, width) => {
    const { page, problems } = await harness.newPage({ colorScheme, viewport: { width, height: 900 } });
    const suffix = `${colorScheme}-${width}`;
    await page.goto(harness.url);
    await page.getByRole('list', { name: 'Finished pictures' }).getByRole('img').first().waitFor();
    const complaints = await auditPage(page, `studio-${suffix}`);

    await page.locator('.vocabulary summary').click();
    await page.locator('.key-field summary').click();
    complaints.push(...(await auditPage(page, `studio-open-${suffix}`)));
    await page.locator('.key-field summary').click();

    await page.locator('.card-picture').last().click();
    await page.getByRole('dialog').getByRole('heading', { name: 'How the prompt was read' }).waitFor();
    complaints.push(...(await auditPage(page, `detail-${suffix}`)));

    await page.goto(`${harness.url}/#/operations`);
    await page.locator('.waterfall-rows li').first().waitFor();
    complaints.push(...(await auditPage(page, `operations-${suffix}`)));

    await page.getByLabel('Find jobs').fill('no such job');
    await page.getByText('No job fits').waitFor();
    complaints.push(...(await auditPage(page, `operations-empty-${suffix}`)));

    await page.route('**/v1/operations', (route) => route.abort());
    await page.getByText('The server does not answer').waitFor();
    complaints.push(...(await auditPage(page, `operations-gone-${suffix}`)));
    await page.unrouteAll({ behavior: 'ignoreErrors' });
    await page.close();
    expect(complaints).toEqual([]);
    expect(problems.filter((problem) => !problem.includes('ERR_FAILED'))).toEqual([]);
  });

  it('complains about what cannot be read or hit', async () => {
    const { page } = await harness.newPage();
    await page.goto(harness.url);
    await page.getByRole('button', { name: 'Draw', exact: true }).waitFor();
    await page.locator('main').evaluate((main) => {
      const { body, createElement } = (main as unknown as { ownerDocument: AnyDocument }).ownerDocument;
      const faint = createElement.call((main as unknown as { ownerDocument: AnyDocument }).ownerDocument, 'p');
      faint.setAttribute('style', 'color: #bbb; background: #fff; width: 3000px');
      faint.innerHTML = 'faint <button style="min-height: 0; height: 12px; padding: 0">x</button>';
      body.append(faint);
    });
    const complaints = (await auditPage(page, 'spoilt')).join('\n');
    expect(complaints).toMatch(/contrast 1\.9\d of "faint/);
    expect(complaints).toMatch(/button: is only \d+ × 12 px large/);
    expect(complaints).toMatch(/reaches beyond the page/);
    await page.close();
  });
});

/** As much of the browser's document as is used: the tests are compiled without its types. */
interface AnyDocument {
  readonly body: { append(element: unknown): void };
  createElement(name: string): { setAttribute(name: string, value: string): void; innerHTML: string };
}
