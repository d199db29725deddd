import { useEffect, useRef, useState } from 'react';

export interface Polled<T> {
  /** The latest good answer; it stays while later calls fail. */
  readonly value: T | null;
  /** Null as soon as a call succeeds again. */
  readonly error: unknown;
}

/** Calls `load` again and again while the page is visible, one call at a time; at once when `key` changes. */
export function usePolling<T>(load: (signal: AbortSignal) => Promise<T>, everyMs: number, key = ''): Polled<T> {
  const [polled, setPolled] = useState<Polled<T> & { key: string }>({ value: null, error: null, key });
  const latest = useRef(load);
  latest.current = load;
  useEffect(() => {
    const stop = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let busy = false;
    const tick = async () => {
      if (busy || stop.signal.aborted || document.hidden) return;
      busy = true;
      clearTimeout(timer);
      try {
        const value = await latest.current(stop.signal);
        if (!stop.signal.aborted) setPolled({ value, error: null, key });
      } catch (error) {
        if (!stop.signal.aborted) setPolled((before) => ({ ...before, error, key }));
      }
      busy = false;
      timer = setTimeout(tick, everyMs);
    };
    const onVisible = () => void tick();
    document.addEventListener('visibilitychange', onVisible);
    void tick();
    return () => {
      stop.abort();
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', onVisible);
    };
  }, [everyMs, key]);
  return polled.key === key ? polled : { value: null, error: null };
}
