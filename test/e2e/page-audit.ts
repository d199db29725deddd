import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';

/**
 * What a visitor could not read, hit or see whole on the page as it stands, as sentences that begin with `name`.
 * ATELIER_TEST_PICTURES names a folder for screenshots of everything that is audited.
 */
export async function auditPage(page: Page, name: string): Promise<string[]> {
  const audit = await readFile(new URL('./page-audit.browser.js', import.meta.url), 'utf8');
  const complaints = (await page.evaluate(audit)) as string[];
  const folder = process.env.ATELIER_TEST_PICTURES;
  if (folder) {
    await mkdir(folder, { recursive: true });
    const hasDialog = (await page.getByRole('dialog').count()) > 0;
    await page.screenshot({ path: join(folder, `${name}.png`), fullPage: !hasDialog });
  }
  return complaints.map((complaint) => `${name}: ${complaint}`);
}
