const EXIT_FAILED = 1;

/**
 * Stops on SIGINT or SIGTERM; a second signal ends the process at once.
 * @param limitMs the process ends after this long in any case: a part that hangs must not outlive its host's patience
 */
export function stopOnSignals(options: {
  readonly stop: () => Promise<void>;
  readonly onSignal?: (signal: NodeJS.Signals) => void;
  readonly limitMs?: number;
}): void {
  let stopping = false;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (stopping) process.exit(EXIT_FAILED);
    stopping = true;
    options.onSignal?.(signal);
    if (options.limitMs !== undefined) setTimeout(() => process.exit(EXIT_FAILED), options.limitMs).unref();
    options.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
        process.exit(EXIT_FAILED);
      },
    );
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
}
