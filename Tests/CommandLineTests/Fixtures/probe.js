// Runs in a page before anything else and tells the page around it what went wrong: see Chromium.swift.
(() => {
  const errors = [];
  addEventListener('error', event =>
    errors.push(event.message ?? `cannot load ${event.target.src ?? event.target.href}`), true);
  addEventListener('unhandledrejection', event => errors.push(String(event.reason)));
  console.error = (...words) => errors.push(words.join(' '));

  const meets = (one, other) => one.left < other.right - 1 && other.left < one.right - 1
    && one.top < other.bottom - 1 && other.top < one.bottom - 1;

  const plot = svg => {
    const texts = Array.from(svg.querySelectorAll('text'), text =>
      ({ text: text.textContent, box: text.getBoundingClientRect() }));
    const frame = svg.getBoundingClientRect();
    return {
      horizontal: svg.querySelector('.x-label')?.textContent ?? '',
      vertical: svg.querySelector('.y-label')?.textContent ?? '',
      isMap: svg.querySelector('.nothing') !== null,
      cut: texts.filter(({ box }) => box.left < frame.left - 1 || box.right > frame.right + 1
        || box.top < frame.top - 1 || box.bottom > frame.bottom + 1).map(({ text }) => text),
      overlapping: texts.flatMap((one, index) => texts.slice(index + 1)
        .filter(other => meets(one.box, other.box)).map(other => `${one.text} / ${other.text}`)),
    };
  };

  const viewer = element => {
    const step = () => element.querySelector('output').textContent;
    const before = step();
    element.dispatchEvent(new KeyboardEvent('keydown', { key: 'End', bubbles: true }));
    const canvases = Array.from(element.querySelectorAll('canvas'));
    const colors = canvas => new Set(new Uint32Array(
      canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.buffer)).size;
    return {
      isVisible: element.getBoundingClientRect().height > 0,
      stages: canvases.length,
      controls: element.querySelectorAll('.controls').length,
      isDrawn: canvases.every(canvas => colors(canvas) > 8),
      moves: step() !== before,
      stripsAreHidden: element.nextElementSibling.getBoundingClientRect().height === 0,
    };
  };

  const showsValues = () => {
    const shape = document.querySelector('figure.chart [data-tip]');
    if (!shape) return true;
    shape.dispatchEvent(new PointerEvent('pointerover', { bubbles: true }));
    return document.querySelector('.tip').textContent === shape.dataset.tip;
  };

  addEventListener('load', () => setTimeout(() => {
    const width = document.documentElement.clientWidth;
    const boxes = Array.from(document.querySelectorAll('body *')).filter(element =>
      !element.parentElement.closest('.scroll, pre, svg') && element.getBoundingClientRect().right > width + 1);
    const name = element => `${element.tagName}.${element.className} ${element.textContent.slice(0, 40)}`;
    parent.postMessage(JSON.stringify({
      ...probed,
      errors,
      fetched: performance.getEntriesByType('resource').map(entry => entry.name)
        .filter(address => !address.startsWith('data:')),
      overflowing: boxes.map(name).concat(
        document.documentElement.scrollWidth > width ? ['the page scrolls sideways'] : []),
      figures: Array.from(document.querySelectorAll('figure.chart'), figure => ({
        caption: figure.querySelector('figcaption')?.textContent ?? '',
        legend: Array.from(figure.querySelectorAll('.legend li'), entry => entry.textContent),
        plots: Array.from(figure.querySelectorAll('svg.plot'), plot),
      })),
      viewers: Array.from(document.querySelectorAll('.viewer'), viewer),
      showsValues: showsValues(),
    }).replaceAll('\n', ' '), '*');
  }, 300));
})();
