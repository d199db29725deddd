const IRREGULAR_NOUNS: Readonly<Record<string, string>> = {
  mice: 'mouse',
  geese: 'goose',
  children: 'child',
  men: 'man',
  women: 'woman',
  people: 'person',
  feet: 'foot',
  teeth: 'tooth',
  leaves: 'leaf',
  wolves: 'wolf',
  loaves: 'loaf',
  knives: 'knife',
  lives: 'life',
  wives: 'wife',
  halves: 'half',
  shelves: 'shelf',
  calves: 'calf',
  scarves: 'scarf',
  oxen: 'ox',
  dice: 'die',
  cacti: 'cactus',
  octopi: 'octopus',
  fungi: 'fungus',
  snowmen: 'snowman',
  firemen: 'fireman',
  policemen: 'policeman',
  busses: 'bus',
  kitties: 'kitty',
  puppies: 'puppy',
  bunnies: 'bunny',
  doggies: 'doggie',
  movies: 'movie',
  cookies: 'cookie',
  pies: 'pie',
  shoes: 'shoe',
  canoes: 'canoe',
  axes: 'axe',
};

/** Words that end in s and are singular. */
const SINGULAR_S = new Set(
  'bus cactus octopus grass glass dress boss moss cross class walrus virus circus crocus hibiscus lotus compass chess bass atlas gas lens mess kiss pass sparkles dress princess canvas always perhaps less this is was has his its us yes as christmas'.split(
    ' ',
  ),
);

/** The singular of an English noun in lower case, or null when the word is not a plural. */
export function singular(word: string): string | null {
  const irregular = IRREGULAR_NOUNS[word];
  if (irregular !== undefined && Object.hasOwn(IRREGULAR_NOUNS, word)) return irregular;
  if (word.length < 4 || !word.endsWith('s') || word.endsWith('ss') || SINGULAR_S.has(word)) return null;
  if (word.endsWith('ies') && word.length > 4) return `${word.slice(0, -3)}y`;
  if (/(ses|xes|zes|ches|shes|oes)$/.test(word)) {
    const bare = word.slice(0, -2);
    // "houses", "horses", "roses": the e belongs to the noun.
    return /(us|ss|x|z|ch|sh|o)$/.test(bare) ? bare : word.slice(0, -1);
  }
  if (/(us|is)$/.test(word)) return null;
  return word.slice(0, -1);
}

/** The word itself first, then what it may be an inflection of (English, lower case). */
export function baseForms(word: string): string[] {
  const forms = [word];
  const one = singular(word);
  if (one !== null) forms.push(one);
  if (word.length > 5 && word.endsWith('ing')) {
    const stem = word.slice(0, -3);
    forms.push(stem, `${stem}e`);
    if (/(.)\1$/.test(stem)) forms.push(stem.slice(0, -1));
  }
  if (word.length > 4 && word.endsWith('ed')) {
    const stem = word.slice(0, -2);
    forms.push(stem, `${stem}e`);
    if (/(.)\1$/.test(stem)) forms.push(stem.slice(0, -1));
  }
  return forms;
}
