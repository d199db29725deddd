import { describe, expect, it } from 'vitest';
import { type CostKey, CostModel, costKey } from './index.js';

const MANIFEST = {
  costModel: { prefixMs: 10, stepMs: 20, decodeMs: 30, encodeMs: 40, scoreMs: 5 },
  defaultSize: { widthPx: 100, heightPx: 100 },
};
const request = { size: { widthPx: 100, heightPx: 100 }, steps: 8, outputs: 1 };

describe('the predicted time of a stage run', () => {
  it('starts with the figures of the manifest', () => {
    const costs = new CostModel(MANIFEST);
    const predict = (stage: CostKey['stage']) => costs.predictMs(costKey(stage, request));
    expect(predict('denoising')).toBe(170);
    expect(predict('decoding')).toBe(30);
    expect(predict('reference-encoding')).toBe(50);
    expect(predict('scoring')).toBe(5);
    expect(predict('prompt-expansion')).toBeGreaterThan(0);
  });

  it('grows with pixels, with outputs drawn jointly and with steps', () => {
    const costs = new CostModel(MANIFEST);
    const big = { size: { widthPx: 200, heightPx: 100 }, steps: 16, outputs: 3 };
    expect(costs.predictMs(costKey('denoising', big))).toBe((10 + 20 * 16) * 2 * 3);
    expect(costs.predictMs(costKey('decoding', big))).toBe(60);
  });

  it('counts tokens where the network is known: references cost attention only, joint pictures more than apart', () => {
    const network = { layers: 8, heads: 4, headDim: 64, width: 256 };
    const latent = { downsampling: 10, channels: 16 };
    const costs = new CostModel({ ...MANIFEST, network, latent });
    const steps = (more: object) => costs.predictMs(costKey('denoising', { ...request, ...more })) - 10;
    expect(steps({})).toBe(160);
    expect(steps({ references: [1, 2] }) / 160).toBeCloseTo(1 + (4 * 200) / (24 * 256 + 4 * 100), 5);
    expect(costs.predictMs(costKey('denoising', { ...request, outputs: 3 })) - 30).toBeGreaterThan(3 * 160);
  });

  it('follows what is measured for the same size and steps, and stays near it when one run is an outlier', () => {
    const costs = new CostModel(MANIFEST);
    const key = costKey('denoising', request);
    for (let run = 0; run < 40; run += 1) costs.observe(key, 400);
    expect(costs.predictMs(key)).toBeCloseTo(400, 0);
    costs.observe(key, 4_000);
    expect(costs.predictMs(key)).toBeLessThan(1_200);
  });

  it('corrects sizes never seen by how far the stage was off on others', () => {
    const costs = new CostModel(MANIFEST);
    for (let run = 0; run < 40; run += 1) costs.observe(costKey('denoising', request), 340);
    const unseen = costKey('denoising', { ...request, steps: 16 });
    expect(costs.predictMs(unseen)).toBeCloseTo(660, 0);
    expect(costs.predictMs(costKey('decoding', request))).toBe(30);
  });

  it('is never nothing, and a broken measurement changes nothing', () => {
    const costs = new CostModel({ ...MANIFEST, costModel: { ...MANIFEST.costModel, decodeMs: 0 } });
    const key = costKey('decoding', request);
    expect(costs.predictMs(key)).toBeGreaterThan(0);
    costs.observe(costKey('scoring', request), Number.NaN);
    costs.observe(costKey('scoring', request), -5);
    expect(costs.predictMs(costKey('scoring', request))).toBe(5);
  });

  it('keeps a bounded memory', () => {
    const costs = new CostModel(MANIFEST, { maxKeys: 2 });
    for (const steps of [1, 2, 3]) costs.observe(costKey('denoising', { ...request, steps }), 1_000 * steps);
    expect(costs.predictMs(costKey('denoising', { ...request, steps: 3 }))).toBe(3_000);
    expect(costs.predictMs(costKey('denoising', { ...request, steps: 1 }))).not.toBe(1_000);
  });
});
