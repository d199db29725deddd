/**
 * The thread that runs the graphs. `session.run` of the runtime computes synchronously, so in the main thread it would
 * hold up every request and timer of the process for the length of a step.
 *
 * This file is also loaded from its TypeScript source, with types stripped: it imports packages and types only.
 */
import { parentPort, workerData } from 'node:worker_threads';
import ort from 'onnxruntime-node';
import type {
  Feed,
  SessionOutputs,
  SessionReply,
  SessionRequest,
  SessionThreadData,
  WirePixels,
  WireTensor,
} from './session-messages.js';

const { graphs, threads, control } = workerData as SessionThreadData;
const sessions = new Map<string, Promise<ort.InferenceSession>>();
const held = new Map<number, ort.Tensor>();

function sessionOf(graph: string): Promise<ort.InferenceSession> {
  const path = graphs[graph];
  if (!path) throw new Error(`there is no graph ${graph}`);
  const session =
    sessions.get(graph) ??
    ort.InferenceSession.create(path, {
      executionProviders: ['cpu'],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      graphOptimizationLevel: 'all',
      logSeverityLevel: 3,
      // Without it the pool's threads spin on their cores between two steps, taking them from everybody else.
      extra: { session: { intra_op: { allow_spinning: '0' } } },
    });
  sessions.set(graph, session);
  return session;
}

async function run(request: Extract<SessionRequest, { op: 'run' }>): Promise<SessionOutputs> {
  const session = await sessionOf(request.graph);
  const known = Object.entries(request.feeds).filter(([name]) => session.inputNames.includes(name));
  const feeds = Object.fromEntries(known.map(([name, feed]) => [name, toTensor(feed)]));
  const outputs = await session.run(feeds);
  const first = outputs[session.outputNames[0] as string] as ort.Tensor;
  if (request.hold !== undefined) {
    held.set(request.hold, first);
    return { tensors: {} };
  }
  if (request.asPixels) return { tensors: {}, pixels: toRgb(first) };
  return { tensors: Object.fromEntries(Object.entries(outputs).map(([name, tensor]) => [name, toWire(tensor)])) };
}

function toTensor(feed: Feed): ort.Tensor {
  if ('held' in feed) {
    const tensor = held.get(feed.held);
    if (!tensor) throw new Error(`there is no held tensor ${feed.held}`);
    return tensor;
  }
  if ('rgb' in feed) return toPlanes(feed);
  return feed.data instanceof Float32Array
    ? new ort.Tensor('float32', feed.data, feed.dims)
    : new ort.Tensor('int64', feed.data, feed.dims);
}

/** Copied: the runtime's own buffer must not travel to another thread. */
function toWire(tensor: ort.Tensor): WireTensor {
  return { dims: tensor.dims, data: (tensor.data as Float32Array | BigInt64Array).slice() };
}

function toPlanes({ rgb, widthPx, heightPx }: WirePixels): ort.Tensor {
  const plane = widthPx * heightPx;
  const planes = new Float32Array(3 * plane);
  for (let pixel = 0; pixel < plane; pixel++) {
    for (let channel = 0; channel < 3; channel++) {
      planes[channel * plane + pixel] = (rgb[pixel * 3 + channel] as number) / 255;
    }
  }
  return new ort.Tensor('float32', planes, [1, 3, heightPx, widthPx]);
}

function toRgb(tensor: ort.Tensor): Uint8Array {
  const planes = tensor.data as Float32Array;
  const plane = planes.length / 3;
  const rgb = new Uint8ClampedArray(planes.length);
  for (let pixel = 0; pixel < plane; pixel++) {
    for (let channel = 0; channel < 3; channel++) {
      rgb[pixel * 3 + channel] = 255 * (planes[channel * plane + pixel] as number);
    }
  }
  return new Uint8Array(rgb.buffer);
}

async function answer(request: SessionRequest): Promise<SessionOutputs> {
  switch (request.op) {
    case 'load':
      await sessionOf(request.graph);
      return { tensors: {} };
    case 'run':
      return run(request);
    case 'release':
      held.delete(request.held);
      return { tensors: {} };
  }
}

/** Counts the work under way in the control words: whoever wants to end this thread must see 0 there. */
async function counted(request: SessionRequest): Promise<SessionOutputs> {
  const [stopping, busy] = [0, 1];
  // Counted before the look at `stopping`: of the two threads at least one sees the other.
  Atomics.add(control, busy, 1);
  try {
    if (Atomics.load(control, stopping) === 1) throw new Error('the engine is closed');
    return await answer(request);
  } finally {
    Atomics.sub(control, busy, 1);
    Atomics.notify(control, busy);
  }
}

parentPort?.on('message', async (request: SessionRequest) => {
  let reply: SessionReply;
  try {
    reply = { id: request.id, outputs: await counted(request) };
  } catch (error) {
    reply = { id: request.id, error: error instanceof Error ? error.message : String(error) };
  }
  parentPort?.postMessage(reply, transferables(reply));
});

function transferables(reply: SessionReply): ArrayBuffer[] {
  if (!('outputs' in reply)) return [];
  const { tensors, pixels } = reply.outputs;
  const arrays = [...Object.values(tensors).map(({ data }) => data), ...(pixels ? [pixels] : [])];
  return arrays.map(({ buffer }) => buffer as ArrayBuffer);
}
