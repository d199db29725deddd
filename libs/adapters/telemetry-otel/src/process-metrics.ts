import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Meter } from '@opentelemetry/api';

const NS_PER_S = 1e9;

/** What every process costs: processor time, memory, and how late its event loop is. */
export function observeProcess(meter: Meter): void {
  meter
    .createObservableCounter('process_cpu_seconds', { description: 'Processor time of the process, user and system.' })
    .addCallback((result) => {
      const { user, system } = process.cpuUsage();
      result.observe((user + system) / 1e6);
    });
  meter
    .createObservableGauge('process_resident_memory_bytes', { description: 'Resident memory of the process.' })
    .addCallback((result) => result.observe(process.memoryUsage.rss()));
  const delay = monitorEventLoopDelay({ resolution: 100 });
  delay.enable();
  meter
    .createObservableGauge('nodejs_eventloop_lag_p99_seconds', {
      description: 'Delay of the event loop, 99th percentile since the last scrape.',
    })
    .addCallback((result) => {
      result.observe(delay.percentile(99) / NS_PER_S);
      delay.reset();
    });
}
