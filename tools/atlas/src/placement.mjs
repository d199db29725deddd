// Where things stand, and which places they look at home in.
import { words } from './words.mjs';

const HEADS = words(
  'see-no-evil-monkey, hear-no-evil-monkey, speak-no-evil-monkey, ogre, goblin, front-facing-baby-chick, fox, bear, polar-bear, koala, panda, wolf, raccoon, lion, frog, hamster, unicorn, moose, deer, robot, alien, ghost, clown-face, boar',
);

export const bodyOf = (id) => (HEADS.has(id) || /-face$/.test(id) ? 'head' : 'full');

const SKY = words(
  'airplane, small-airplane, parachute, helicopter, satellite, rocket, flying-saucer, balloon, kite, butterfly, bat, bird, dove, eagle, honeybee, phoenix, ' +
    'sun, sun-with-face, full-moon, full-moon-face, crescent-moon, star, glowing-star, shooting-star, comet, ringed-planet, cloud, sun-behind-cloud, ' +
    'cloud-with-lightning-and-rain, sun-behind-rain-cloud, cloud-with-rain, cloud-with-snow, cloud-with-lightning, rainbow, snowflake, ' +
    'suspension-railway, mountain-cableway, aerial-tramway, leaf-fluttering-in-wind, feather, wing, carp-streamer, bubbles, sparkler, ' +
    'airplane-departure, airplane-arrival, new-moon, waxing-crescent-moon, first-quarter-moon, waxing-gibbous-moon, waning-gibbous-moon, last-quarter-moon, ' +
    'waning-crescent-moon, new-moon-face, first-quarter-moon-face, last-quarter-moon-face, sun-behind-small-cloud, sun-behind-large-cloud, wind-face, cyclone, ' +
    'high-voltage, fireworks, sparkles, dizzy, money-with-wings, incoming-envelope, speech-balloon, thought-balloon, collision',
);
const WATER = words(
  'sailboat, canoe, speedboat, passenger-ship, ferry, motor-boat, ship, whale, spouting-whale, dolphin, shark, seal, octopus, jellyfish, fish, tropical-fish, ' +
    'blowfish, squid, swan, ring-buoy, water-wave, lotus',
);
const TABLE_SUBGROUPS = words(
  'food-fruit, food-vegetable, food-prepared, food-asian, food-sweet, drink, dishware, game, arts-crafts, clothing, music, musical-instrument, phone, ' +
    'computer, light-video, book-paper, writing, office, lock, tool, science, household, award-medal, time, money, mail, hotel, sound, other-object, medical',
);
const TABLE = words(
  'potted-plant, bouquet, rose, spiral-shell, party-popper, confetti-ball, ribbon, wrapped-gift, rosette, wilted-flower, reminder-ribbon, heart-with-arrow, heart-with-ribbon, sparkling-heart, broken-heart, heart-on-fire, mending-heart, seat, jack-o-lantern, ice-skate, alien-monster, red-heart, love-letter, brick',
);
const GROUND = words(
  'ladder, bed, couch-and-lamp, chair, door, bathtub, shower, shopping-cart, wastebasket, moai, satellite-antenna, file-cabinet, fire-extinguisher, window, beach-with-umbrella, telescope, drum, long-drum, postbox, basket, bucket, umbrella, oil-drum, luggage, umbrella-with-rain-drops, elevator, white-cane, closed-mailbox-with-raised-flag, ' +
    'closed-mailbox-with-lowered-flag, open-mailbox-with-raised-flag, open-mailbox-with-lowered-flag, stop-sign, ambulance, manual-wheelchair, motorized-wheelchair',
);

export function placementOf(entry) {
  if (SKY.has(entry.id)) return 'sky';
  if (WATER.has(entry.id)) return 'water';
  if (TABLE.has(entry.id)) return 'table';
  if (GROUND.has(entry.id)) return 'ground';
  return TABLE_SUBGROUPS.has(entry.subgroup) ? 'table' : 'ground';
}

const THEME_BY_SUBGROUP = {
  'animal-mammal': 'wild',
  'animal-bird': 'wild',
  'animal-amphibian': 'wild',
  'animal-reptile': 'wild',
  'animal-marine': 'sea',
  'animal-bug': 'garden',
  'plant-flower': 'garden',
  'plant-other': 'garden',
  'food-fruit': 'kitchen',
  'food-vegetable': 'kitchen',
  'food-prepared': 'kitchen',
  'food-asian': 'kitchen',
  'food-sweet': 'party',
  drink: 'kitchen',
  dishware: 'kitchen',
  'place-map': 'travel',
  'place-geographic': 'travel',
  'place-building': 'city',
  'place-religious': 'city',
  'place-other': 'city',
  'transport-ground': 'city',
  'transport-water': 'sea',
  'transport-air': 'travel',
  hotel: 'travel',
  time: 'home',
  'sky-weather': 'weather',
  event: 'party',
  'award-medal': 'party',
  sport: 'sport',
  game: 'toys',
  'arts-crafts': 'home',
  clothing: 'clothing',
  sound: 'music',
  music: 'music',
  'musical-instrument': 'music',
  phone: 'office',
  computer: 'office',
  'light-video': 'office',
  'book-paper': 'office',
  money: 'office',
  mail: 'office',
  writing: 'office',
  office: 'office',
  lock: 'home',
  tool: 'workshop',
  science: 'science',
  medical: 'home',
  household: 'home',
  'other-object': 'home',
  'face-costume': 'toys',
  heart: 'party',
};
const THEME_MEMBERS = {
  farm: words(
    'dog, cat, rabbit, horse, donkey, ox, water-buffalo, cow, pig, ram, ewe, goat, rooster, chicken, turkey, duck, goose, hatching-chick, baby-chick, tractor, house, mouse, sheaf-of-rice, poodle',
  ),
  winter: words(
    'penguin, snowman-without-snow, evergreen-tree, polar-bear, sled, skis, ice-skate, snowflake, seal, christmas-tree, curling-stone, mammoth, snow-capped-mountain, ice-hockey',
  ),
  space: words(
    'rocket, flying-saucer, satellite, ringed-planet, comet, alien, alien-monster, robot, shooting-star, satellite-antenna, telescope',
  ),
  desert: words('cactus, camel, two-hump-camel, sauropod, t-rex, scorpion, snake, lizard, desert, volcano, rock'),
  sea: words(
    'palm-tree, beach-with-umbrella, spiral-shell, turtle, crab, desert-island, anchor, ring-buoy, diving-mask, fishing-pole',
  ),
  toys: words(
    'teddy-bear, balloon, kite, ghost, jack-o-lantern, carousel-horse, playground-slide, circus-tent, ferris-wheel, roller-coaster',
  ),
  party: words('wrapped-gift, birthday-cake'),
};

export function themeOf(entry) {
  for (const [theme, members] of Object.entries(THEME_MEMBERS)) if (members.has(entry.id)) return theme;
  return THEME_BY_SUBGROUP[entry.subgroup] ?? 'home';
}

/** Where a theme looks at home; `sky` and `water` things add their own places below. */
const PLACES_BY_THEME = {
  wild: ['meadow', 'desert'],
  farm: ['meadow', 'beach', 'snow', 'city'],
  garden: ['meadow'],
  sea: ['beach'],
  winter: ['snow'],
  desert: ['desert', 'meadow'],
  space: ['desert', 'snow', 'city', 'meadow'],
  city: ['city', 'meadow', 'snow', 'desert'],
  travel: ['meadow', 'beach', 'desert', 'snow'],
  weather: ['meadow', 'snow'],
  sport: ['meadow', 'beach', 'city'],
  toys: ['meadow', 'beach', 'table'],
  party: ['table'],
  kitchen: ['table'],
  home: ['table'],
  office: ['table'],
  music: ['table'],
  clothing: ['table'],
  workshop: ['table'],
  science: ['table'],
};
const PLACES = {
  cat: ['meadow', 'city', 'snow', 'beach', 'table'],
  rabbit: ['meadow', 'snow', 'table'],
  elephant: ['meadow', 'desert', 'city'],
  giraffe: ['meadow', 'desert', 'city'],
  robot: ['city', 'desert', 'snow', 'table'],
  'teddy-bear': ['table', 'snow', 'meadow'],
  guitar: ['table', 'beach', 'city'],
  umbrella: ['beach', 'city', 'snow', 'meadow'],
  cactus: ['desert', 'table'],
  mushroom: ['meadow', 'table'],
  sunflower: ['meadow', 'city', 'table'],
  'deciduous-tree': ['meadow', 'city', 'beach'],
  'evergreen-tree': ['snow', 'meadow', 'city'],
  house: ['meadow', 'snow', 'city', 'beach'],
  castle: ['meadow', 'snow', 'beach', 'desert'],
  automobile: ['city', 'desert', 'meadow', 'snow'],
  bus: ['city', 'desert', 'meadow', 'snow'],
  bicycle: ['city', 'meadow', 'beach'],
  duck: ['meadow', 'beach', 'city'],
  turtle: ['beach', 'desert', 'meadow'],
  crab: ['beach', 'desert'],
  'palm-tree': ['beach', 'desert', 'city'],
  'wrapped-gift': ['table', 'snow', 'meadow'],
  'jack-o-lantern': ['table', 'meadow', 'city'],
  'snowman-without-snow': ['snow'],
  penguin: ['snow', 'beach', 'city'],
  sauropod: ['desert', 'meadow', 'city'],
  camel: ['desert', 'beach'],
  tent: ['meadow', 'snow', 'desert', 'beach'],
  'fire-engine': ['city', 'snow', 'meadow'],
  'soccer-ball': ['meadow', 'beach', 'city', 'table'],
  'ferris-wheel': ['city', 'meadow', 'beach'],
  whale: ['beach'],
  butterfly: ['meadow', 'beach', 'table'],
  balloon: ['meadow', 'beach', 'desert', 'snow', 'city', 'table'],
  pineapple: ['table', 'beach'],
  'red-apple': ['table', 'meadow'],
  banana: ['table', 'beach'],
  'birthday-cake': ['table', 'meadow'],
  'hot-beverage': ['table', 'city'],
};
const OUTDOORS = ['meadow', 'beach', 'desert', 'snow', 'city'];

export function placesOf(entry) {
  if (PLACES[entry.id]) return PLACES[entry.id];
  const placement = placementOf(entry);
  if (placement === 'sky') return OUTDOORS;
  if (placement === 'water') return ['beach'];
  const places = PLACES_BY_THEME[themeOf(entry)];
  if (placement === 'table')
    return ['table', ...places.filter((place) => place !== 'table' && themeOf(entry) === 'toys')];
  return places.includes('table') && places.length === 1
    ? ['meadow', 'city']
    : places.filter((place) => place !== 'table');
}
