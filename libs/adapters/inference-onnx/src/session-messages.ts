/** What travels between the engine and the thread that runs its graphs. */
export interface WireTensor {
  readonly dims: readonly number[];
  readonly data: Float32Array | BigInt64Array;
}

/** RGB bytes [rows, columns, 3], which the thread turns into float planes [1, 3, rows, columns] of 0..1. */
export interface WirePixels {
  readonly rgb: Uint8Array;
  readonly widthPx: number;
  readonly heightPx: number;
}

/** A tensor that stays in the thread between calls, named by its number. */
export interface HeldTensor {
  readonly held: number;
}

export type Feed = WireTensor | WirePixels | HeldTensor;

export type SessionRequest =
  | { readonly id: number; readonly op: 'load'; readonly graph: string }
  | {
      readonly id: number;
      readonly op: 'run';
      readonly graph: string;
      /** What the graph has no input for is left out: weights without references have a smaller prefix graph. */
      readonly feeds: Readonly<Record<string, Feed>>;
      /** Keeps the first output under this number instead of answering with it. */
      readonly hold?: number;
      /** Answers the first output, float planes of 0..1, as RGB bytes. */
      readonly asPixels?: boolean;
    }
  | { readonly id: number; readonly op: 'release'; readonly held: number };

/** Outputs by name; `pixels` when `asPixels` was asked. */
export interface SessionOutputs {
  readonly tensors: Readonly<Record<string, WireTensor>>;
  readonly pixels?: Uint8Array;
}

export type SessionReply =
  | { readonly id: number; readonly outputs: SessionOutputs }
  | { readonly id: number; readonly error: string };

export interface SessionThreadData {
  /** Path of each graph by its name. */
  readonly graphs: Readonly<Record<string, string>>;
  readonly threads: number;
  /** The words of `ThreadControl`. */
  readonly control: Int32Array<SharedArrayBuffer>;
}
