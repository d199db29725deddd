/** What the inspector's sampling profiler returns, as far as it is read here. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  }[];
  readonly samples: readonly number[];
  /** Microseconds since the sample before. */
  readonly timeDeltas: readonly number[];
}

/** Self time of one function or one library, in milliseconds of processor time. */
export interface SelfTime {
  readonly name: string;
  readonly ms: number;
}

/** Time in which the process waited for events costs no processor. */
const WAITING = new Set(['(idle)', '(root)']);
/** Native code that no script function stands for: system calls, the event loop, compilation. */
const NATIVE = new Set(['(program)', '(garbage collector)']);

/** Self times, largest first, summed up by what `nameOf` says of a frame. */
export function selfTimes(profile: CpuProfile, nameOf: (frame: Frame) => string): SelfTime[] {
  const frames = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame]));
  const sums = new Map<string, number>();
  for (const [index, sample] of profile.samples.entries()) {
    const frame = frames.get(sample);
    if (!frame || WAITING.has(frame.functionName)) continue;
    const name = nameOf(frame);
    sums.set(name, (sums.get(name) ?? 0) + (profile.timeDeltas[index] ?? 0) / 1_000);
  }
  return [...sums].map(([name, ms]) => ({ name, ms })).sort((a, b) => b.ms - a.ms);
}

type Frame = CpuProfile['nodes'][number]['callFrame'];

/** The library that a frame belongs to: an npm package, one of ours, Node itself, or native code. */
export function libraryOf({ functionName, url }: Frame): string {
  if (NATIVE.has(functionName)) return functionName;
  if (url.startsWith('node:') || url === '') return url === '' ? 'native functions' : "Node's own modules";
  const packages = url.split('/node_modules/');
  if (packages.length > 1) {
    const [scope = '', name = ''] = (packages.at(-1) as string).split('/');
    return scope.startsWith('@') ? `${scope}/${name}` : scope;
  }
  const ours = /\/((?:libs|apps)\/(?:(?:stages|adapters)\/)?[^/]+)\//.exec(url)?.[1];
  return ours ?? url.split('/').slice(-2).join('/');
}

export const functionOf = (frame: Frame): string => {
  const { functionName, url, lineNumber } = frame;
  if (NATIVE.has(functionName) || url === '') return functionName;
  const file = url.split('/').slice(-1)[0];
  return `${functionName || '(anonymous)'} ${libraryOf(frame)} ${file}:${lineNumber + 1}`;
};
