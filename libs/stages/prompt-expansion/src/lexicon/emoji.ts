/** Emoji and the word each stands for; one of a pictured thing counts as its word. */
// biome-ignore format: a table reads best in rows
export const EMOJI_WORDS: Readonly<Record<string, string>> = {
  '🍎': 'red apple', '🍏': 'green apple', '🐶': 'dog', '🐕': 'dog', '🐩': 'poodle', '🐱': 'cat', '🐈': 'cat', '🚗': 'car', '🚙': 'car', '🚕': 'taxi',
  '🏠': 'house', '🏡': 'house', '🏚': 'house', '🌳': 'tree', '🌲': 'pine tree', '🎄': 'christmas tree', '🌴': 'palm tree', '⛵': 'sailboat', '🛥': 'boat',
  '✈': 'airplane', '🛩': 'airplane', '🎈': 'balloon', '🌻': 'sunflower', '🤖': 'robot', '🧸': 'teddy bear', '🎂': 'birthday cake', '🍰': 'cake', '🎸': 'guitar',
  '☂': 'umbrella', '☔': 'umbrella', '🌂': 'umbrella', '⛱': 'beach umbrella', '🐰': 'rabbit', '🐇': 'rabbit', '🐘': 'elephant', '🐧': 'penguin', '🌵': 'cactus',
  '🍄': 'mushroom', '🚀': 'rocket', '🚌': 'bus', '🚍': 'bus', '🍌': 'banana', '⛄': 'snowman', '☃': 'snowman', '☕': 'cup of coffee', '🍵': 'cup of tea', '🫖': 'teapot',
  '🎁': 'gift', '🎃': 'pumpkin', '🦆': 'duck', '🐢': 'turtle', '🦒': 'giraffe', '🐳': 'whale', '🐋': 'whale', '🦀': 'crab', '🦋': 'butterfly', '🦕': 'dinosaur',
  '🦖': 't rex', '🚲': 'bicycle', '🏰': 'castle', '🏯': 'castle', '🛸': 'ufo', '🍍': 'pineapple', '⚽': 'soccer ball', '⛺': 'tent', '🚒': 'fire truck', '🐪': 'camel',
  '🐫': 'camel', '🍔': 'burger', '🚁': 'helicopter', '🎡': 'ferris wheel', '🌙': 'moon', '⭐': 'star', '🌟': 'star', '✨': 'stars', '🌞': 'sun', '☀': 'sun', '🌅': 'sunrise',
  '🌇': 'sunset', '🌆': 'city at sunset', '🏙': 'city', '🌃': 'city at night', '🏖': 'beach', '🏝': 'tropical island', '🏜': 'desert', '❄': 'snow', '🌊': 'sea', '🐟': 'fish', '🐠': 'fish',
  '🐦': 'bird', '🌹': 'rose', '🌷': 'tulip', '🌼': 'daisy', '🌸': 'flower', '🍊': 'tangerine', '🍓': 'strawberry', '🍇': 'grapes', '🍉': 'watermelon', '🍕': 'pizza', '🚂': 'train',
  '🚢': 'ship', '🚚': 'truck', '🏍': 'motorcycle', '🐻': 'bear', '🐼': 'panda', '🦁': 'lion', '🐯': 'tiger', '🦊': 'fox', '🐺': 'wolf', '🐭': 'mouse', '🐴': 'horse', '🐎': 'horse',
  '🐮': 'cow', '🐄': 'cow', '🐷': 'pig', '🐑': 'sheep', '🐔': 'chicken', '🐥': 'chick', '🦉': 'owl', '🐬': 'dolphin', '🦈': 'shark', '🐙': 'octopus', '🐸': 'frog', '🐍': 'snake',
  '🐉': 'dragon', '🦄': 'unicorn', '🐝': 'bee', '🐞': 'ladybug', '🌈': 'rainbow', '☁': 'cloud', '👻': 'ghost', '👽': 'alien', '🪁': 'kite', '🎻': 'violin', '📦': 'box', '🏀': 'basketball',
  '🔴': 'red', '🟠': 'orange', '🟡': 'yellow', '🟢': 'green', '🔵': 'blue', '🟣': 'purple', '⚪': 'white', '🚫': 'no', '❌': 'no', '➕': 'and', '👈': 'left', '👉': 'right', '⬅': 'left', '➡': 'right',
};
