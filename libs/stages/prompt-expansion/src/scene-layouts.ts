import type { Facts, OutputPlan } from '@atelier/contracts';
import { type Notes, quoted } from './explain.js';
import type { ChosenObject } from './facts/choose-objects.js';
import { type FactRelation, factsOf, type PlannedScene } from './facts/plan-facts.js';
import { boxOfSquare, type Square } from './layout/geometry.js';
import { type Instance, snapBox } from './layout/placement.js';
import { type LayoutTask, type PlacedObject, planLayout, planWithoutRules } from './layout/plan-layout.js';
import { SeededRandom } from './seeded-random.js';
import type { Vocabulary } from './vocabulary.js';

/** Where things are to stay although nobody asked: the hero of a story. */
export type FixedSquares = ReadonlyMap<ChosenObject, Square>;

/** A scene whose relations are settled; every seed gives it a layout. */
export interface SceneLayouts {
  readonly facts: Facts;
  draw(seed: number, fixed?: FixedSquares): DrawnLayout;
  planned(placed: readonly PlacedObject[]): OutputPlan['layout'];
}

export function layoutsOf(scene: PlannedScene, vocabulary: Vocabulary, notes: Notes): SceneLayouts {
  const fallback = settleRelations(scene, vocabulary, notes);
  explainBoxes(scene, vocabulary, notes);
  const facts = factsOf(scene);
  return {
    facts,
    draw: (seed, fixed = new Map()) => layoutBySeed(scene, vocabulary, seed, fallback, fixed),
    planned: (placed) => planned(placed, scene, facts, vocabulary),
  };
}

export interface DrawnLayout {
  readonly variant: number;
  readonly placed: readonly PlacedObject[];
}

/**
 * Gives up relations that no layout satisfies, the last one first, and returns a layout for what is left. It looks at
 * no seed: which relations hold must not depend on how many pictures are asked for, nor on which of them this one is.
 */
function settleRelations(scene: PlannedScene, vocabulary: Vocabulary, notes: Notes): readonly PlacedObject[] {
  for (;;) {
    const task = layoutTask(scene, vocabulary);
    const random = new SeededRandom(0);
    const placed = planLayout(task, random) ?? (scene.relations.length === 0 ? planWithoutRules(task, random) : null);
    if (placed) return placed;
    giveUpRelation(scene.relations, notes);
  }
}

/** The search follows the seed and may miss a layout that exists: then the one already found is used. */
function layoutBySeed(
  scene: PlannedScene,
  vocabulary: Vocabulary,
  seed: number,
  fallback: readonly PlacedObject[],
  fixed: FixedSquares,
): DrawnLayout {
  const random = new SeededRandom(seed);
  const variant = random.below(vocabulary.variants);
  const task = layoutTask(scene, vocabulary, fixed);
  const placed =
    planLayout(task, random) ?? (fixed.size > 0 ? planLayout(layoutTask(scene, vocabulary), random) : null);
  return { variant, placed: placed ?? fallback };
}

const layoutTask = (scene: PlannedScene, vocabulary: Vocabulary, fixed: FixedSquares = new Map()): LayoutTask => ({
  instances: instancesOf(scene, vocabulary, fixed),
  relations: scene.relations,
  place: scene.place.id,
  style: scene.style.id,
  vocabulary,
});

function giveUpRelation(relations: FactRelation[], notes: Notes): void {
  const dropped = relations.pop()!;
  const { subject, relation, object } = dropped;
  const message = `${quoted(subject.concept.name)} cannot also be ${relation} ${quoted(object.concept.name)}: drawn without that relation.`;
  notes.explain('dropped', relation, '', message);
  notes.warn('relation_dropped', message);
}

/** The hero first: what was called large, else what was named first. Fixed things before free ones. */
function instancesOf(scene: PlannedScene, vocabulary: Vocabulary, fixed: FixedSquares): Instance[] {
  const instances = scene.objects.flatMap((object) => {
    const boxes = object.mentions.flatMap((mention) => scene.boxes.get(mention) ?? []);
    return Array.from({ length: object.count }, (_, i) => ({
      object,
      fixed: boxes[i] ? snapBox(boxes[i], vocabulary) : (fixed.get(object) ?? null),
    }));
  });
  const rank = ({ object, fixed }: Instance): number => (fixed ? -2 : object.size === 'large' ? -1 : 0);
  return instances
    .map((instance, i) => ({ instance, i }))
    .sort((a, b) => rank(a.instance) - rank(b.instance) || a.i - b.i)
    .map(({ instance }) => instance);
}

function explainBoxes(scene: PlannedScene, vocabulary: Vocabulary, notes: Notes): void {
  for (const object of scene.objects) {
    for (const box of object.mentions.flatMap((mention) => scene.boxes.get(mention) ?? [])) {
      const { x, y, s } = snapBox(box, vocabulary);
      const percent = (value: number): string => `${Math.round(value * 100)} %`;
      const from = `${percent(box.x)}, ${percent(box.y)}, ${percent(box.width)} x ${percent(box.height)}`;
      const to = `x ${x}, y ${y}, side ${s} of ${vocabulary.bins}`;
      notes.explain(
        'layout',
        from,
        to,
        `The box of ${object.concept.name} was moved to the nearest square of the grid.`,
      );
    }
  }
}

function planned(
  placed: readonly PlacedObject[],
  scene: PlannedScene,
  facts: Facts,
  vocabulary: Vocabulary,
): OutputPlan['layout'] {
  return placed.map(({ object, ...square }) => ({
    factId: facts.objects[scene.objects.indexOf(object)]!.id,
    concept: object.concept.id,
    ...(object.colour === null ? {} : { colour: object.colour }),
    box: boxOfSquare(square, vocabulary),
  }));
}
