import { describe, expect, it } from 'vitest';
import { checkHistory, type History, type StoredJob } from './history.ts';

/** A job of one sample that went well, as a correct platform leaves it. */
const job = (changes: Partial<StoredJob> = {}): StoredJob => ({
  id: 'gen_1',
  request: 'wish-1',
  state: 'succeeded',
  lastSequence: 5,
  finishedAt: 1_000,
  samples: [{ index: 0, state: 'succeeded' }],
  log: [
    { sequence: 1, type: 'generation.queued', position: '' },
    { sequence: 2, type: 'stage.completed', position: 'denoising/0/0/' },
    { sequence: 3, type: 'stage.completed', position: 'decoding/0/0/0' },
    { sequence: 4, type: 'sample.succeeded', position: '/0/' },
    { sequence: 5, type: 'generation.succeeded', position: '' },
  ],
  charges: [{ sampleIndex: 0 }],
  pictures: [{ sampleIndex: 0, sha256: 'aa' }],
  ...changes,
});

const history = (changes: Partial<History> = {}): History => ({
  asked: [{ request: 'wish-1', recipe: 'apple', acceptedIds: ['gen_1'] }],
  stored: [job()],
  announcements: [{ at: 1_001, id: 'gen_1', messageId: 'm1', state: 'succeeded' }],
  undisturbed: new Map([['apple', ['aa']]]),
  ...changes,
});

const kinds = (changes: Partial<History>) =>
  [...new Set(checkHistory(history(changes)).map(({ kind }) => kind))].sort();

describe('the history checker', () => {
  it('finds nothing in a correct history, also where the same message was published twice', () => {
    const [announcement] = history().announcements;
    expect(checkHistory(history())).toEqual([]);
    expect(kinds({ announcements: [announcement, announcement] as never })).toEqual([]);
  });

  it('finds the planted bug "no fence check": a late worker writes its result over the accepted one', () => {
    const log = [...job().log];
    log.splice(3, 0, { sequence: 4, type: 'stage.completed', position: 'denoising/0/0/' });
    const renumbered = log.map((entry, index) => ({ ...entry, sequence: index + 1 }));
    const late = job({ log: renumbered, lastSequence: 6, charges: [{ sampleIndex: 0 }, { sampleIndex: 0 }] });
    expect(kinds({ stored: [late] })).toEqual(['charged-twice', 'duplicated']);
  });

  it('finds the planted bug "publish before commit": an end was announced that the database never saw', () => {
    const queued = job({
      state: 'canceled',
      samples: [{ index: 0, state: 'canceled' }],
      log: [
        { sequence: 1, type: 'generation.queued', position: '' },
        { sequence: 2, type: 'generation.canceled', position: '' },
      ],
      lastSequence: 2,
      charges: [],
      pictures: [],
    });
    expect(kinds({ stored: [queued] })).toEqual(['contradiction']);
  });

  it('finds the planted bug "lost outbox row": nobody ever hears of the job or of its end', () => {
    expect(kinds({ announcements: [] })).toEqual(['lost']);
    const waiting = job({
      state: 'queued',
      samples: [{ index: 0, state: 'queued' }],
      log: job().log.slice(0, 1),
      lastSequence: 1,
      finishedAt: null,
      charges: [],
      pictures: [],
    });
    expect(kinds({ stored: [waiting], announcements: [] })).toEqual(['lost']);
  });

  it.each<[string, Partial<History>, string]>([
    ['an accepted id that is not stored', { stored: [] }, 'lost'],
    ['two jobs for one wish', { stored: [job(), job({ id: 'gen_2' })] }, 'duplicated'],
    [
      'two ends in one log',
      {
        stored: [
          job({ log: [...job().log, { sequence: 6, type: 'generation.succeeded', position: '' }], lastSequence: 6 }),
        ],
      },
      'duplicated',
    ],
    ['a gap in the log', { stored: [job({ log: job().log.filter(({ sequence }) => sequence !== 3) })] }, 'gap'],
    [
      'an end that was announced before it was decided',
      { announcements: [{ at: 700, id: 'gen_1', messageId: 'm1', state: 'succeeded' }] },
      'contradiction',
    ],
    ['a charge too few', { stored: [job({ charges: [] })] }, 'charge-missing'],
    ['a picture that is gone', { stored: [job({ pictures: [] })] }, 'picture'],
    ['a picture with other bytes', { stored: [job({ pictures: [{ sampleIndex: 0, sha256: 'bb' }] })] }, 'picture'],
    [
      'two different announcements',
      {
        announcements: [
          { at: 1_001, id: 'gen_1', messageId: 'm1', state: 'succeeded' },
          { at: 1_001, id: 'gen_1', messageId: 'm2', state: 'succeeded' },
        ],
      },
      'duplicated',
    ],
  ])('finds %s', (_, changes, kind) => {
    expect(kinds(changes)).toEqual([kind]);
  });
});
