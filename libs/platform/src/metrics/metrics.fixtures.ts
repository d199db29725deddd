import type { Attributes, Measurement, Telemetry } from '@atelier/ports';
import { SILENT_TELEMETRY } from '../tracing/silent-telemetry.js';

/** Keeps what is counted, recorded and told, by `name{label=value,...}`. */
export class RecordingTelemetry implements Telemetry {
  readonly sums: Record<string, number> = {};
  private readonly gauges = new Map<string, () => Promise<readonly Measurement[]> | readonly Measurement[]>();
  readonly startSpan = SILENT_TELEMETRY.startSpan;

  counter(name: string) {
    return { add: (value: number, labels?: Attributes) => this.sum(name, value, labels) };
  }

  histogram(name: string) {
    return { record: (_: number, labels?: Attributes) => this.sum(`${name}_count`, 1, labels) };
  }

  gauge(name: string, _: string, read: () => Promise<readonly Measurement[]> | readonly Measurement[]): void {
    this.gauges.set(name, read);
  }

  async read(name: string): Promise<Record<string, number>> {
    const told = (await this.gauges.get(name)?.()) ?? [];
    return Object.fromEntries(told.map(({ value, labels }) => [labelsOf(labels), value]));
  }

  private sum(name: string, value: number, labels?: Attributes): void {
    const key = `${name}${labelsOf(labels)}`;
    this.sums[key] = (this.sums[key] ?? 0) + value;
  }
}

const labelsOf = (labels: Attributes = {}): string =>
  `{${Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join()}}`;
