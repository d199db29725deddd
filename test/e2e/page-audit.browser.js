// Evaluated in a page: what a visitor cannot read, hit or reach there. Returns sentences; none is good.
(() => {
  const complaints = [];
  const say = (element, what) => complaints.push(`${nameOf(element)}: ${what}`);

  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth > width) {
    const widest = [...document.querySelectorAll('main *')].find(
      (one) => one.getBoundingClientRect().right > width + 1,
    );
    say(widest ?? document.body, `reaches beyond the page of ${width} px`);
  }
  const shown = [...document.querySelectorAll('body *')].filter(isShown);
  for (const element of shown) {
    if (hasOwnText(element)) checkContrast(element);
    if (element.matches('a[href], button, select, input, textarea, summary')) checkTarget(element);
  }
  for (const image of document.images) if (!image.hasAttribute('alt')) say(image, 'has no alternative text');
  return complaints;

  /** WCAG 2.2, 1.4.3: 4.5 to 1, large text 3 to 1; controls that are switched off are exempt. */
  function checkContrast(element) {
    if (element.closest(':disabled')) return;
    const back = backgroundOf(element);
    if (back === null) return;
    const style = getComputedStyle(element);
    const size = Number.parseFloat(style.fontSize);
    const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    const ratio = contrast(over(rgba(style.color), back, opacityOf(element)), back);
    if (ratio < (isLarge ? 3 : 4.5))
      say(element, `contrast ${ratio.toFixed(2)} of "${element.textContent.trim().slice(0, 40)}"`);
  }

  /** WCAG 2.2, 2.5.8: 24 px each way; links within a line of text are exempt. */
  function checkTarget(element) {
    const label = element.closest('label');
    const { width: w, height: h } = (
      element.matches('.for-screen-readers') && label ? label : element
    ).getBoundingClientRect();
    const inText = element.matches('a') && getComputedStyle(element).display === 'inline';
    if (!inText && (w < 24 || h < 24)) say(element, `is only ${Math.round(w)} × ${Math.round(h)} px large`);
  }

  function isShown(element) {
    const box = element.getBoundingClientRect();
    return (
      box.width > 1 && box.height > 1 && element.checkVisibility({ opacityProperty: true, visibilityProperty: true })
    );
  }

  function hasOwnText(element) {
    return [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent.trim() !== '');
  }

  /** The colour behind an element; null over a picture, where there is no single one. */
  function backgroundOf(element) {
    const layers = [];
    for (let at = element; at; at = at.parentElement) {
      const style = getComputedStyle(at);
      const colour = rgba(style.backgroundColor);
      if (style.backgroundImage !== 'none' && !at.matches('select')) return null;
      if (colour[3] > 0) layers.push(colour);
      if (colour[3] === 1) break;
    }
    return layers.reduceRight((below, layer) => over(layer, below, 1), [255, 255, 255, 1]);
  }

  function opacityOf(element) {
    let opacity = 1;
    for (let at = element; at; at = at.parentElement) opacity *= Number(getComputedStyle(at).opacity);
    return opacity;
  }

  function rgba(text) {
    const [r, g, b, a = 1] = text.match(/[\d.]+/g).map(Number);
    return [r, g, b, a];
  }

  function over([r, g, b, a], below, opacity) {
    const share = a * opacity;
    return [r, g, b].map((value, at) => value * share + below[at] * (1 - share)).concat(1);
  }

  function contrast(a, b) {
    const [lighter, darker] = [luminance(a), luminance(b)].sort((x, y) => y - x);
    return (lighter + 0.05) / (darker + 0.05);
  }

  function luminance(colour) {
    const [r, g, b] = colour.slice(0, 3).map((byte) => {
      const channel = byte / 255;
      return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  }

  function nameOf(element) {
    const classes = typeof element.className === 'string' ? element.className.split(' ').filter(Boolean).join('.') : '';
    return element.tagName.toLowerCase() + (classes && `.${classes}`);
  }
})();
