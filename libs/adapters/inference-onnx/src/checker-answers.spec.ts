import type { Facts } from '@atelier/contracts';
import { describe, expect, it } from 'vitest';
import { answerFacts, relationBetween } from './checker-answers.js';
import type { Detection } from './checker-detections.js';

/** A square of a fifth of the picture around a centre. */
const around = (x: number, y: number) => ({ left: x - 0.1, top: y - 0.1, right: x + 0.1, bottom: y + 0.1 });
const seenAt = (concept: string, x: number, y: number, probability = 0.9, colours = {}): Detection => ({
  concept,
  probability,
  colours,
  naturalColour: Math.max(0, 1 - Object.values<number>(colours).reduce((sum, p) => sum + p, 0)),
  extent: around(x, y),
});
const facts = (overrides: Partial<Facts>): Facts => ({ objects: [], relations: [], absent: [], ...overrides });
const ask = (asked: Partial<Facts>, detections: readonly Detection[]) =>
  answerFacts(facts(asked), {
    detections,
    known: new Set(['apple', 'dog', 'red-apple']),
    names: new Map([['red-apple', 'apple']]),
    threshold: 0.5,
  });

describe('answers of the checker', () => {
  const apple = { id: 'o1', concept: 'apple', count: 1 };

  it('say whether an object is there, as sure as its strongest place', () => {
    const [present] = ask({ objects: [apple] }, [seenAt('apple', 0.5, 0.5, 0.3), seenAt('apple', 0.2, 0.5, 0.8)]);
    expect(present).toMatchObject({ kind: 'present', question: 'Is there an apple?', holds: true, confidence: 0.8 });
    expect(ask({ objects: [apple] }, [seenAt('dog', 0.5, 0.5)])).toMatchObject([{ holds: false, confidence: 0 }]);
  });

  it('say whether one of them has the colour', () => {
    const objects = [{ ...apple, colour: 'red' }];
    const green = seenAt('apple', 0.2, 0.5, 0.9, { red: 0.1, green: 0.9 });
    expect(ask({ objects }, [green])).toMatchObject([{ holds: true }, { kind: 'colour', holds: false }]);
    const red = seenAt('apple', 0.8, 0.5, 0.8, { red: 0.9 });
    const [, colour] = ask({ objects }, [green, red]);
    expect(colour).toMatchObject({ kind: 'colour', holds: true });
    expect(colour?.confidence).toBeCloseTo(0.72);
  });

  it('count natural colour as the asked one only where the two look the same', () => {
    const objects = [{ ...apple, colour: 'red' }];
    const natural = seenAt('apple', 0.2, 0.5, 0.9, { red: 0.25 });
    expect(ask({ objects }, [natural])[1]).toMatchObject({ holds: false });
    const [, colour] = ask({ objects: [{ ...apple, colour: 'red', natural: true }] }, [natural]);
    expect(colour?.confidence).toBeCloseTo(0.9);
  });

  it('are asked in the words that people use', () => {
    const objects = [
      { id: 'o1', concept: 'red-apple', count: 2, colour: 'green' },
      { ...apple, id: 'o2', concept: 'dog' },
    ];
    const relations = [{ subject: 'o1', relation: 'left-of' as const, object: 'o2' }];
    expect(ask({ objects, relations }, []).map(({ question }) => question)).toEqual([
      'Is there an apple?',
      'Is there a green apple?',
      'Are there exactly 2: green apple?',
      'Is there a dog?',
      'Is the green apple to the left of the dog?',
    ]);
  });

  it.each([
    [1, false],
    [2, true],
    [3, false],
  ])('say that %i are two: %s', (drawn, holds) => {
    const places = [0.2, 0.5, 0.8].slice(0, drawn).map((x) => seenAt('apple', x, 0.5));
    const count = ask({ objects: [{ ...apple, count: 2 }] }, places).find(({ kind }) => kind === 'count');
    expect(count).toMatchObject({ holds });
  });

  it('say whether some pair of them stands in the relation', () => {
    const asked = {
      objects: [apple, { id: 'o2', concept: 'dog', count: 1 }],
      relations: [{ subject: 'o1', relation: 'left-of' as const, object: 'o2' }],
    };
    const relation = (detections: Detection[]) => ask(asked, detections).find(({ kind }) => kind === 'relation');
    const dog = seenAt('dog', 0.5, 0.5, 0.7);
    expect(relation([seenAt('apple', 0.1, 0.5), dog])).toMatchObject({ holds: true, confidence: 0.7 });
    expect(relation([seenAt('apple', 0.9, 0.5), dog])).toMatchObject({ holds: false, confidence: 0 });
    expect(relation([seenAt('apple', 0.9, 0.5), seenAt('apple', 0.1, 0.5), dog])).toMatchObject({ holds: true });
    expect(relation([seenAt('apple', 0.1, 0.5)])).toMatchObject({ holds: false });
  });

  it('say whether what must be absent is absent', () => {
    expect(ask({ absent: ['dog'] }, [])).toMatchObject([{ kind: 'absent', holds: true, confidence: 1 }]);
    expect(ask({ absent: ['dog'] }, [seenAt('dog', 0.5, 0.5, 0.9)])).toMatchObject([{ kind: 'absent', holds: false }]);
  });

  it('leave out what the checker does not know', () => {
    const unicorn = { id: 'o3', concept: 'unicorn', count: 2, colour: 'pink' };
    const relations = [{ subject: 'o3', relation: 'above' as const, object: 'o1' }];
    expect(ask({ objects: [unicorn], relations, absent: ['unicorn'] }, [])).toEqual([]);
  });
});

describe('the rule of relations', () => {
  it.each([
    ['left-of', around(0.2, 0.5), around(0.7, 0.5)],
    ['right-of', around(0.7, 0.6), around(0.2, 0.5)],
    ['above', around(0.5, 0.2), around(0.5, 0.7)],
    ['below', around(0.5, 0.7), around(0.45, 0.2)],
    ['in-front-of', around(0.5, 0.58), around(0.45, 0.5)],
    ['behind', around(0.45, 0.5), around(0.5, 0.58)],
  ])('calls it %s', (relation, a, b) => {
    expect(relationBetween(a, b)).toBe(relation);
  });

  it('says nothing where nothing is clear', () => {
    expect(relationBetween(around(0.5, 0.5), around(0.52, 0.5))).toBeNull();
  });
});
