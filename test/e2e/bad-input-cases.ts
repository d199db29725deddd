/** What a case may refer to: two tenants with keys, and a job of each. */
export interface World {
  readonly key: string;
  readonly ownJob: string;
  readonly finishedJob: string;
  readonly foreignJob: string;
  readonly foreignImage: string;
}

export interface BadInput {
  readonly name: string;
  readonly method?: string;
  readonly path: string | ((world: World) => string);
  readonly headers?: Readonly<Record<string, string>>;
  /** Objects are sent as JSON, text and bytes as they are. */
  readonly body?: unknown;
  readonly status: number;
  readonly code: string;
  readonly param?: string;
}

const DRAW = '/v1/images/generations';
const EDIT = '/v1/images/edits';
const JOBS = '/v1/jobs';
const NO_SUCH_JOB = 'gen_00000000000000000000000000';

const draw = (name: string, fields: Record<string, unknown>, code: string, param?: string): BadInput => ({
  name,
  method: 'POST',
  path: DRAW,
  body: { prompt: 'a red apple', ...fields },
  status: 400,
  code,
  ...(param === undefined ? {} : { param }),
});

const raw = (name: string, body: unknown, code: string, more: Partial<BadInput> = {}): BadInput => ({
  name,
  method: 'POST',
  path: DRAW,
  headers: { 'content-type': 'application/json' },
  body,
  status: 400,
  code,
  ...more,
});

const get = (name: string, path: BadInput['path'], status: number, code: string, param?: string): BadInput => ({
  name,
  path,
  status,
  code,
  ...(param === undefined ? {} : { param }),
});

const PROMPTS: readonly BadInput[] = [
  raw('no prompt', '{}', 'missing_parameter', { param: 'prompt' }),
  draw('an empty prompt', { prompt: '' }, 'prompt_empty', 'prompt'),
  draw('a prompt of white space', { prompt: ' \t\r\n ' }, 'prompt_empty', 'prompt'),
  draw('a prompt of ideographic spaces', { prompt: '\u3000\u3000' }, 'prompt_empty', 'prompt'),
  draw('a prompt of 10,001 characters', { prompt: 'a'.repeat(10_001) }, 'prompt_too_long', 'prompt'),
  draw('a huge prompt of 900,000 characters', { prompt: 'ab '.repeat(300_000) }, 'prompt_too_long', 'prompt'),
  draw('a huge negative prompt', { negative_prompt: 'x'.repeat(10_001) }, 'prompt_too_long', 'negative_prompt'),
  draw('a prompt that is a list', { prompt: ['dog', 'cat'] }, 'invalid_parameter', 'prompt'),
  draw('a prompt that is null', { prompt: null }, 'invalid_parameter', 'prompt'),
];

const NUMBERS: readonly BadInput[] = [
  draw('n of zero', { n: 0 }, 'invalid_parameter', 'n'),
  draw('n of eleven', { n: 11 }, 'invalid_parameter', 'n'),
  draw('n below zero', { n: -1 }, 'invalid_parameter', 'n'),
  draw('half a picture', { n: 1.5 }, 'invalid_parameter', 'n'),
  draw('n as text', { n: '2' }, 'invalid_parameter', 'n'),
  draw('a seed below zero', { seed: -1 }, 'invalid_parameter', 'seed'),
  draw('a seed of 33 bits', { seed: 2 ** 32 }, 'invalid_parameter', 'seed'),
  draw('a seed beyond exact integers', { seed: 1e300 }, 'invalid_parameter', 'seed'),
  draw('a fractional seed', { seed: 0.5 }, 'invalid_parameter', 'seed'),
  draw('a seed as text', { seed: 'seven' }, 'invalid_parameter', 'seed'),
  draw('no steps', { steps: 0 }, 'invalid_parameter', 'steps'),
  draw('a million steps', { steps: 1_000_000 }, 'invalid_parameter', 'steps'),
  draw('guidance below zero', { guidance: -1 }, 'invalid_parameter', 'guidance'),
  draw('best of five', { best_of: 5 }, 'invalid_parameter', 'best_of'),
  draw('more outputs than the weights draw', { outputs: 15 }, 'invalid_parameter', 'outputs'),
  draw('sixteen outputs', { outputs: 16 }, 'invalid_parameter', 'outputs'),
  draw('a deadline in the past', { deadline_s: -5 }, 'invalid_parameter', 'deadline_s'),
  draw('a compression of 101', { output_compression: 101 }, 'invalid_parameter', 'output_compression'),
];

const SIZES: readonly BadInput[] = [
  draw('a size of words', { size: 'large' }, 'invalid_parameter', 'size'),
  draw('a size without a height', { size: '256x' }, 'invalid_parameter', 'size'),
  draw('a size of nothing', { size: '0x0' }, 'invalid_parameter', 'size'),
  draw('a size below zero', { size: '-64x64' }, 'invalid_parameter', 'size'),
  draw('a size of six digits', { size: '100000x100000' }, 'invalid_parameter', 'size'),
  draw('a size in other digits', { size: '２５６x２５６' }, 'invalid_parameter', 'size'),
  draw('a size as a number', { size: 256 }, 'invalid_parameter', 'size'),
  draw('an unsupported size, strictly', { size: '1000x3', strict: true }, 'unsupported_size', 'size'),
];

const CHOICES: readonly BadInput[] = [
  draw('an unknown answer format', { response_format: 'bytes' }, 'invalid_parameter', 'response_format'),
  draw('an unknown file format', { output_format: 'svg' }, 'invalid_parameter', 'output_format'),
  draw('a transparent background', { background: 'transparent' }, 'unsupported_feature', 'background'),
  draw('a stream', { stream: true }, 'unsupported_feature', 'stream'),
  draw('an unknown priority', { priority: 'urgent' }, 'invalid_parameter', 'priority'),
  draw('a task that was not trained', { task: 'storyboard' }, 'unsupported_task', 'task'),
  draw('a task that nobody knows', { task: 'dance' }, 'unsupported_task', 'task'),
  draw('a precision that nobody runs', { precision: 'w4a8' }, 'unsupported_feature', 'precision'),
  draw('a thinking budget', { expand_prompt: 64 }, 'unsupported_feature', 'expand_prompt'),
  draw('a thinking budget without bounds', { expand_prompt: 1e9 }, 'invalid_parameter', 'expand_prompt'),
  draw('metadata that is not text', { metadata: { a: { b: 1 } } }, 'invalid_parameter', 'metadata.a'),
  draw('metadata that is too long', { metadata: { a: 'x'.repeat(513) } }, 'invalid_parameter', 'metadata.a'),
  draw('an unknown field, strictly', { sampler: 'euler', strict: true }, 'unknown_parameter', 'sampler'),
  draw('the field __proto__, strictly', JSON.parse('{"__proto__": 1, "strict": true}'), 'unknown_parameter'),
  { ...draw('an unknown model', { model: 'nobodys-model' }, 'model_not_found', 'model'), status: 404 },
];

const BODIES: readonly BadInput[] = [
  raw('JSON that ends early', '{"prompt": "dog"', 'invalid_json'),
  raw('JSON with a comment', '{"prompt": "dog"} // please', 'invalid_json'),
  raw('an empty body', '', 'invalid_json'),
  raw('a body of null bytes', '\0\0\0\0', 'invalid_json'),
  raw('JSON in Latin-1', Buffer.from('{"prompt": "caf\xe9"}', 'latin1'), 'invalid_json'),
  raw('JSON in UTF-16', Buffer.from('{"prompt": "dog"}', 'utf16le'), 'invalid_json'),
  raw('a list', '[]', 'invalid_parameter'),
  raw('null', 'null', 'invalid_parameter'),
  raw('a number', '1e999', 'invalid_parameter'),
  raw('two megabytes', `{"prompt": "${'x'.repeat(2 * 1024 * 1024)}"}`, 'body_too_large', { status: 413 }),
  raw('XML', '<prompt>dog</prompt>', 'unsupported_media_type', {
    status: 415,
    headers: { 'content-type': 'application/xml' },
  }),
  raw('a web form', 'prompt=dog', 'unsupported_media_type', {
    status: 415,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  }),
  raw('bytes of no type', Buffer.from('dog'), 'unsupported_media_type', {
    status: 415,
    headers: { 'content-type': '' },
  }),
  raw('an idempotency key of 300 characters', '{"prompt": "dog"}', 'invalid_parameter', {
    headers: { 'content-type': 'application/json', 'idempotency-key': 'k'.repeat(300) },
    param: 'Idempotency-Key',
  }),
];

const ROUTES: readonly BadInput[] = [
  { name: 'GET where POST belongs', path: DRAW, status: 405, code: 'method_not_allowed' },
  {
    name: 'DELETE of a job',
    method: 'DELETE',
    path: ({ ownJob }) => `${JOBS}/${ownJob}`,
    status: 405,
    code: 'method_not_allowed',
  },
  { name: 'PUT of a list', method: 'PUT', path: JOBS, status: 405, code: 'method_not_allowed' },
  get('an unknown path', '/v1/pictures', 404, 'not_found'),
  get('a path out of the root', '/../../etc/passwd', 404, 'not_found'),
  get('an encoded path out of the root', '/%2e%2e/%2e%2e/etc/passwd', 404, 'not_found'),
  get('a path with a broken escape', '/v1/jobs/%E0%A4%A', 404, 'not_found'),
  get('a path with a null byte', '/v1/jobs/%00', 404, 'job_not_found'),
  get('a path of 4,000 characters', `/v1/jobs/${'a'.repeat(4_000)}`, 404, 'not_found'),
  get('a job that never was', `${JOBS}/${NO_SUCH_JOB}`, 404, 'job_not_found'),
  get('an id of SQL', `${JOBS}/gen_'%20OR%201=1--`, 404, 'job_not_found'),
  get("another tenant's job", ({ foreignJob }) => `${JOBS}/${foreignJob}`, 404, 'job_not_found'),
  get("another tenant's events", ({ foreignJob }) => `${JOBS}/${foreignJob}/events`, 404, 'job_not_found'),
  {
    name: "canceling another tenant's job",
    method: 'POST',
    path: ({ foreignJob }) => `${JOBS}/${foreignJob}/cancel`,
    status: 404,
    code: 'job_not_found',
  },
  {
    name: 'canceling a finished job',
    method: 'POST',
    path: ({ finishedJob }) => `${JOBS}/${finishedJob}/cancel`,
    status: 409,
    code: 'job_finished',
  },
  get(
    'events behind an id of words',
    ({ ownJob }) => `${JOBS}/${ownJob}/events`,
    400,
    'invalid_parameter',
    'Last-Event-ID',
  ),
  get('a page of nothing', `${JOBS}?limit=0`, 400, 'invalid_parameter', 'limit'),
  get('a page of thousands', `${JOBS}?limit=5000`, 400, 'invalid_parameter', 'limit'),
  get('a cursor of nonsense', `${JOBS}?cursor=%7B%7D`, 400, 'invalid_parameter', 'cursor'),
  get('a status that is none', `${JOBS}?status=done`, 400, 'invalid_parameter', 'status'),
  get('a model that is none', '/v1/models/..%2F..%2Fsecret', 404, 'model_not_found'),
  get(
    'a picture without a signature',
    ({ foreignImage }) => foreignImage.split('?')[0] as string,
    400,
    'missing_parameter',
    'expires',
  ),
  get(
    'a picture with a forged signature',
    ({ foreignImage }) => foreignImage.replace(/signature=.{6}/, 'signature=AAAAAA'),
    403,
    'link_expired',
  ),
  get(
    'a picture with a longer life',
    ({ foreignImage }) => foreignImage.replace(/expires=\d+/, 'expires=9999999999'),
    403,
    'link_expired',
  ),
  get(
    'a file of the data folder as a picture',
    '/v1/images/content/..%2Flink-secret?expires=9999999999&signature=a',
    403,
    'link_expired',
  ),
  { name: 'no key', path: JOBS, headers: { authorization: '' }, status: 401, code: 'unauthorized' },
  {
    name: 'a wrong key',
    path: JOBS,
    headers: { authorization: `Bearer atl_${'x'.repeat(32)}` },
    status: 401,
    code: 'unauthorized',
  },
  {
    name: 'a key of another scheme',
    path: JOBS,
    headers: { authorization: 'Basic YTpi' },
    status: 401,
    code: 'unauthorized',
  },
  {
    name: 'an API key on the administrative route',
    method: 'GET',
    path: '/admin/keys?tenant=acme',
    status: 401,
    code: 'unauthorized',
  },
];

const form = (
  files: Record<string, Uint8Array<ArrayBuffer>>,
  prompt: string | null = 'make it red',
  fields: Record<string, string> = {},
): FormData => {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) data.set(name, value);
  if (prompt !== null) data.set('prompt', prompt);
  for (const [field, bytes] of Object.entries(files))
    data.append(field, new Blob([bytes], { type: 'image/png' }), 'a.png');
  return data;
};

const edit = (name: string, body: FormData, code: string, param?: string, status = 400): BadInput => ({
  name,
  method: 'POST',
  path: EDIT,
  body,
  status,
  code,
  ...(param === undefined ? {} : { param }),
});

/** Signature, IHDR and IEND: as much of a PNG as a header check reads. */
function pngOf(widthPx: number, heightPx: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(45);
  bytes.set([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52]);
  new DataView(bytes.buffer).setUint32(16, widthPx);
  new DataView(bytes.buffer).setUint32(20, heightPx);
  bytes.set([0x49, 0x45, 0x4e, 0x44], 37);
  return bytes;
}
function twoPictures(): FormData {
  const data = form({ 'image[]': pngOf(64, 64) });
  data.append('image[]', new Blob([pngOf(64, 64)], { type: 'image/png' }), 'b.png');
  return data;
}
const text = (value: string): Uint8Array<ArrayBuffer> => Uint8Array.from(Buffer.from(value));

const EDITS: readonly BadInput[] = [
  edit(
    'an edit that was not trained',
    form({ image: pngOf(64, 64) }, 'remove it', { task: 'remove' }),
    'unsupported_task',
    'task',
  ),
  edit(
    'a box outside of the picture',
    form({ image: pngOf(64, 64) }, 'dog', { edit_box: '2,0,1,1' }),
    'invalid_parameter',
    'edit_box',
  ),
  edit('a mask of another size', form({ image: pngOf(64, 64), mask: pngOf(32, 64) }), 'invalid_parameter', 'mask'),
  edit('a mask of nothing but its head', form({ image: pngOf(64, 64), mask: pngOf(64, 64) }), 'invalid_image', 'mask'),
  edit('two pictures where one is read', twoPictures(), 'invalid_parameter', 'image'),
  edit(
    'a role that the task does not have',
    form({ image: pngOf(64, 64) }, 'dog', { roles: 'hat' }),
    'invalid_parameter',
    'image',
  ),
  edit('an edit without a picture', form({}), 'missing_parameter', 'image'),
  edit('an edit without a prompt', form({ image: pngOf(64, 64) }, null), 'missing_parameter', 'prompt'),
  edit('a picture of text', form({ image: text('not a picture at all') }), 'invalid_image', 'image'),
  edit('an SVG that calls itself PNG', form({ image: text('<svg onload="x()"/>') }), 'invalid_image', 'image'),
  edit('a PNG that was cut', form({ image: pngOf(64, 64).slice(0, 40) }), 'invalid_image', 'image'),
  edit('an empty picture', form({ image: new Uint8Array(0) }), 'invalid_image', 'image'),
  edit('a broken mask', form({ image: pngOf(64, 64), mask: text('mask') }), 'invalid_image', 'mask'),
  edit('a picture of 4 gigapixels', form({ image: pngOf(65_535, 65_535) }), 'image_too_large', 'image', 413),
  {
    name: 'a form with a wrong boundary',
    method: 'POST',
    path: EDIT,
    headers: { 'content-type': 'multipart/form-data; boundary=abc' },
    body: '--xyz\r\nContent-Disposition: form-data; name="prompt"\r\n\r\ndog\r\n--xyz--',
    status: 400,
    code: 'invalid_parameter',
  },
  {
    name: 'an edit as JSON without pictures',
    method: 'POST',
    path: EDIT,
    body: { prompt: 'x' },
    status: 400,
    code: 'missing_parameter',
    param: 'image',
  },
  {
    name: 'an edit of a picture elsewhere',
    method: 'POST',
    path: EDIT,
    body: { prompt: 'x', images: ['http://127.0.0.1:1/v1/images/content'] },
    status: 400,
    code: 'invalid_image',
    param: 'image',
  },
  {
    name: 'an edit of a picture whose link nobody signed',
    method: 'POST',
    path: JOBS,
    body: { prompt: 'x', images: ['/v1/images/content/ten_other/x.png?expires=9999999999&signature=x'] },
    status: 403,
    code: 'link_expired',
    param: 'image',
  },
  {
    name: 'an edit as plain text',
    method: 'POST',
    path: EDIT,
    body: 'make it red',
    headers: { 'content-type': 'text/plain' },
    status: 415,
    code: 'unsupported_media_type',
  },
  draw('a story of one picture', { task: 'storyboard' }, 'unsupported_task', 'task'),
  draw('two joint pictures', { outputs: 2 }, 'invalid_parameter', 'outputs'),
];

/** Every case with the answer that the catalogue documents for it. */
export const BAD_INPUTS: readonly BadInput[] = [
  ...PROMPTS,
  ...NUMBERS,
  ...SIZES,
  ...CHOICES,
  ...BODIES,
  ...ROUTES,
  ...EDITS,
].map((one) => (one.name === 'events behind an id of words' ? { ...one, headers: { 'last-event-id': 'words' } } : one));
