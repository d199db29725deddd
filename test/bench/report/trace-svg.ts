import type { CollectedSpan } from '../../e2e/cluster/span-collector.ts';

const ROW_PX = 24;
const LABEL_PX = 430;
const CHART_PX = 760;
const MARGIN_PX = 20;
const TICKS = 5;

/** Of processes, in the order in which a job meets them; distinguishable also without colours by their labels. */
const COLOURS: Readonly<Record<string, string>> = {
  'atelier-api': '#3b5b92',
  'atelier-orchestrator': '#8a8f98',
  'atelier-prompt-expansion-worker': '#b7791f',
  'atelier-reference-encoding-worker': '#6b46c1',
  'atelier-denoising-worker': '#c05621',
  'atelier-decoding-worker': '#2f855a',
  'atelier-scoring-worker': '#b83280',
};

/** The spans of one trace as bars on a common time axis, in the order of their beginnings, each with its process. */
export function traceSvg(spans: readonly CollectedSpan[], traceId: string): string {
  const sorted = [...spans].sort((a, b) => Number(a.startNs - b.startNs) || Number(b.endNs - a.endNs));
  const startNs = sorted.reduce(
    (least, span) => (span.startNs < least ? span.startNs : least),
    sorted[0]?.startNs ?? 0n,
  );
  const endNs = sorted.reduce((most, span) => (span.endNs > most ? span.endNs : most), startNs);
  const totalMs = Math.max(Number(endNs - startNs) / 1e6, 0.001);
  const x = (ns: bigint) => LABEL_PX + (Number(ns - startNs) / 1e6 / totalMs) * CHART_PX;
  const heightPx = MARGIN_PX * 4 + sorted.length * ROW_PX;
  const widthPx = LABEL_PX + CHART_PX + 110;
  const rows = sorted.map((span, index) => {
    const y = MARGIN_PX * 3 + index * ROW_PX;
    const barPx = Math.max(2, x(span.endNs) - x(span.startNs));
    const ms = Number(span.endNs - span.startNs) / 1e6;
    const process = span.service.replace('atelier-', '').replace('-worker', ' worker');
    const indentPx = depthOf(span, spans) * 10;
    return [
      `<text x="${MARGIN_PX + indentPx}" y="${y + 16}" class="name">${escaped(span.name)}</text>`,
      `<text x="${LABEL_PX - 10}" y="${y + 16}" class="process" text-anchor="end">${escaped(process)}</text>`,
      `<rect x="${x(span.startNs).toFixed(1)}" y="${y + 4}" width="${barPx.toFixed(1)}" height="${ROW_PX - 8}" rx="3" fill="${COLOURS[span.service] ?? '#444'}"/>`,
      `<text x="${(x(span.startNs) + barPx + 6).toFixed(1)}" y="${y + 16}" class="ms">${ms.toFixed(1)} ms</text>`,
    ].join('');
  });
  const ticks = Array.from({ length: TICKS + 1 }, (_, index) => {
    const at = LABEL_PX + (index / TICKS) * CHART_PX;
    return (
      `<line x1="${at}" x2="${at}" y1="${MARGIN_PX * 3}" y2="${heightPx - MARGIN_PX}" stroke="#e2e5ea"/>` +
      `<text x="${at}" y="${MARGIN_PX * 3 - 6}" class="process" text-anchor="middle">${((index / TICKS) * totalMs).toFixed(0)} ms</text>`
    );
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${widthPx}" height="${heightPx}" font-family="sans-serif" font-size="12">`,
    '<style>.name{fill:#1d232b}.process{fill:#6b7380}.ms{fill:#3c444f;font-size:11px}</style>',
    `<rect width="100%" height="100%" fill="#fff"/>`,
    `<text x="${MARGIN_PX}" y="${MARGIN_PX + 6}" font-size="15" fill="#1d232b">One job over the separate services: trace ${traceId}, ${sorted.length} spans, ${totalMs.toFixed(0)} ms</text>`,
    ...ticks,
    ...rows,
    '</svg>',
  ].join('\n');
}

function depthOf(span: CollectedSpan, spans: readonly CollectedSpan[]): number {
  const parent = spans.find(({ spanId }) => spanId === span.parentSpanId);
  return parent ? depthOf(parent, spans) + 1 : 0;
}

const escaped = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;');
