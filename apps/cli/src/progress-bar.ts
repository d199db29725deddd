import type { Job, JobStreamEvent } from '@atelier/client-sdk';
import type { Terminal } from './terminal.js';

const BAR_WIDTH = 24;

/** What a stream of events says about a job's progress, without asking the server again. */
export class ProgressTracker {
  private candidates = 1;
  private outputs = 1;
  private readonly steps = new Map<string, number>();
  private readonly done = new Map<string, number>();
  stage = 'queued';

  accept(event: JobStreamEvent): void {
    if (event.kind === 'snapshot') {
      this.startFrom(event.job);
      return;
    }
    const { type, stage, runId = '', data } = event.entry;
    if (stage) this.stage = stage;
    if (type === 'stage.progressed' && stage === 'denoising') {
      this.steps.set(runId, Number(data.step ?? 0) / Math.max(1, Number(data.steps ?? 1)));
    }
    if (type === 'stage.completed' && stage) {
      this.done.set(stage, (this.done.get(stage) ?? 0) + 1);
      this.steps.delete(runId);
    }
    if (type.startsWith('generation.')) this.stage = type.slice('generation.'.length);
  }

  /** 0..1 */
  get value(): number {
    const part = (stage: string, of: number) => Math.min(1, (this.done.get(stage) ?? 0) / of);
    const running = [...this.steps.values()].reduce((sum, value) => sum + value, 0);
    const denoised = Math.min(1, ((this.done.get('denoising') ?? 0) + running) / this.candidates);
    if (this.stage === 'succeeded') return 1;
    return (
      0.04 * part('prompt-expansion', 1) +
      0.82 * denoised +
      0.1 * part('decoding', this.candidates * this.outputs) +
      0.04 * part('scoring', this.candidates)
    );
  }

  private startFrom({ request, status }: Job): void {
    this.candidates = request.n * request.best_of;
    this.outputs = request.outputs;
    this.stage = status;
  }
}

/** One line that redraws itself; silent where nobody watches. */
export class ProgressBar {
  private readonly tracker = new ProgressTracker();
  private shown = '';

  constructor(
    private readonly terminal: Terminal,
    private readonly enabled = terminal.isInteractive,
  ) {}

  accept(event: JobStreamEvent): void {
    this.tracker.accept(event);
    if (this.enabled) this.draw();
  }

  /** Leaves a clean line for what comes next. */
  clear(): void {
    if (this.shown !== '') this.terminal.err('\r\x1b[2K');
    this.shown = '';
  }

  private draw(): void {
    const { value, stage } = this.tracker;
    const full = Math.round(value * BAR_WIDTH);
    const line = `${'█'.repeat(full)}${'░'.repeat(BAR_WIDTH - full)} ${String(Math.round(value * 100)).padStart(3)} %  ${stage}`;
    if (line === this.shown) return;
    this.terminal.err(`\r\x1b[2K${line.slice(0, this.terminal.columns - 1)}`);
    this.shown = line;
  }
}
