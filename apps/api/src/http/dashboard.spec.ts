import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startApi } from '../harness/api-harness.js';

async function startWithDashboard() {
  const dashboard = await mkdtemp(join(tmpdir(), 'atelier-dashboard-'));
  onTestFinished(() => rm(dashboard, { recursive: true, force: true }));
  await mkdir(join(dashboard, 'assets'));
  await writeFile(join(dashboard, 'index.html'), '<!doctype html><title>Studio</title>');
  await writeFile(join(dashboard, 'assets/app-1.js'), 'export {}');
  return startApi({ dashboard });
}
const asPage = { headers: { accept: 'text/html,*/*' } };

describe('the dashboard', () => {
  it('is served at the root and under the addresses of its views', async () => {
    const api = await startWithDashboard();
    for (const path of ['/', '/operations', '/jobs/gen_1']) {
      const response = await fetch(`${api.url}${path}`, asPage);
      expect(await response.text()).toContain('Studio');
      expect(response.headers.get('content-security-policy')).toContain("script-src 'self'");
    }
  });

  it('keeps built files for ever and the page not at all', async () => {
    const api = await startWithDashboard();
    const [page, script] = await Promise.all([fetch(`${api.url}/`), fetch(`${api.url}/assets/app-1.js`)]);
    expect(page.headers.get('cache-control')).toBe('no-cache');
    expect(script.headers.get('cache-control')).toContain('immutable');
    expect(script.headers.get('content-type')).toMatch(/javascript/);
  });

  it('hides nothing of the API: unknown paths and wrong methods stay errors', async () => {
    const api = await startWithDashboard();
    expect((await api.call('GET', '/v1/nothing', asPage)).status).toBe(404);
    expect((await api.call('GET', '/nothing')).status).toBe(404);
    expect((await api.call('GET', '/v1/images/generations', asPage)).status).toBe(405);
    expect((await api.call('GET', '/..%2f..%2fetc%2fpasswd')).status).toBe(404);
  });
});
