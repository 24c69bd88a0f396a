import Reports

extension GameViewer {
  /// Style and script of the viewer. A page has them once a search: each copy takes the viewers that none has taken yet.
  static var behaviour: Markup {
    [
      Markup.element("style", [:], .trusted(style)),
      Markup.element("script", [:], .trusted(script)),
    ].joined
  }

  private static let style = """
    .viewer { max-width: 46rem; background: var(--panel); border-radius: .6rem; padding: .9rem 1rem; }
    .viewer select { width: 100%; font: inherit; padding: .3rem; margin-bottom: .75rem; }
    .viewer .stages { display: grid; grid-template-columns: repeat(auto-fit, minmax(8rem, 1fr)); gap: 1rem; }
    .viewer canvas { width: 100%; image-rendering: pixelated; border-radius: .3rem; display: block; }
    .viewer .name { font-weight: 600; overflow-wrap: anywhere; }
    .viewer .state { font-size: .88rem; color: var(--soft); font-variant-numeric: tabular-nums; min-height: 2.9em; }
    .viewer .controls { display: flex; flex-wrap: wrap; gap: .4rem; align-items: center; margin-top: .6rem; }
    .viewer button { font: inherit; min-width: 2.6rem; padding: .3rem .6rem; border-radius: .4rem;
      border: 1px solid var(--line); background: var(--paper); color: var(--ink); cursor: pointer; }
    .viewer input { flex: 1 1 10rem; min-width: 6rem; }
    .viewer output { font-variant-numeric: tabular-nums; font-size: .88rem; }
    .viewer .note { font-size: .85rem; margin: .5rem 0 0; }
    .strips.replaced { display: none; }
    @media print { .viewer { display: none; } .strips.replaced { display: block; } }
    """

  private static let script = """
    for (const viewer of document.querySelectorAll('.viewer:not(.ready)')) {
      viewer.classList.add('ready');
      const games = JSON.parse(viewer.querySelector('script').textContent);
      const sheet = viewer.querySelector('img'), side = 16;
      const add = (parent, name, properties = {}) =>
        parent.appendChild(Object.assign(document.createElement(name), properties));
      const select = add(viewer, 'select', { ariaLabel: 'Level' });
      games.groups.forEach((label, group) => {
        if (!games.screens.some(screen => screen.group === group)) return;
        const options = add(select, 'optgroup', { label });
        games.screens.forEach((screen, value) => {
          const fate = label.split(':')[0].toLowerCase();
          if (screen.group === group)
            add(options, 'option', { value, textContent: `${screen.caption}, ${fate}` });
        });
      });
      const row = add(viewer, 'div', { className: 'stages' });
      const stages = games.players.map(textContent => {
        const stage = add(row, 'div');
        add(stage, 'div', { className: 'name', textContent });
        return { canvas: add(stage, 'canvas'), state: add(stage, 'div', { className: 'state' }) };
      });
      const controls = add(viewer, 'div', { className: 'controls' });
      const button = (textContent, title, onclick) =>
        add(controls, 'button', { type: 'button', textContent, title, ariaLabel: title, onclick });
      button('|◀', 'To the start (Home)', () => go(0));
      button('‹', 'One step back (arrow left)', () => go(step - 1));
      const play = button('▶', 'Play or pause (space)', () => toggle());
      button('›', 'One step on (arrow right)', () => go(step + 1));
      const slider = add(controls, 'input', {
        type: 'range', min: 0, value: 0, ariaLabel: 'Step', oninput: () => go(+slider.value) });
      const count = add(controls, 'output');
      const part = button('where they part', 'To the first step that differs', () => go(parting()));
      add(viewer, 'p', { className: 'note', textContent:
        'Arrow keys step, the space bar plays, Home and End go to the ends.' });

      let screen, frames, step = 0, length = 0, timer = 0;
      const load = number => {
        pause();
        screen = games.screens[number];
        frames = screen.plays.map(play => {
          let tiles = Array.from(screen.start, Number), list = [{ tiles, reached: 0 }];
          for (const [reached, ...changes] of play.steps) {
            tiles = tiles.slice();
            for (let i = 0; i < changes.length; i += 2) tiles[changes[i]] = changes[i + 1];
            list.push({ tiles, reached });
          }
          return list;
        });
        length = Math.max(...frames.map(list => list.length)) - 1;
        slider.max = length;
        part.hidden = frames.length < 2 || parting() === 0;
        go(0);
      };
      const parting = () => {
        for (let i = 0; i <= length; i++) {
          const [first, second] = frames.map(list => list[Math.min(i, list.length - 1)].tiles.join(''));
          if (first !== second) return i;
        }
        return 0;
      };
      const go = to => {
        step = Math.min(Math.max(to, 0), length);
        slider.value = step;
        count.textContent = `step ${step} of ${length}`;
        stages.forEach(({ canvas, state }, player) => {
          const list = frames[player], last = list.length - 1, frame = list[Math.min(step, last)];
          canvas.width = screen.columns * side;
          canvas.height = screen.rows * side;
          const context = canvas.getContext('2d');
          frame.tiles.forEach((tile, cell) => context.drawImage(sheet, tile * side, 0, side, side,
            cell % screen.columns * side, Math.floor(cell / screen.columns) * side, side, side));
          state.textContent = step >= last ? screen.plays[player].end
            : `return so far ${frame.reached.toFixed(1).replace('-', '−')}`;
        });
        if (step >= length) pause();
      };
      const pause = () => { clearInterval(timer); timer = 0; play.textContent = '▶'; };
      const toggle = () => {
        if (timer) return pause();
        if (step >= length) go(0);
        timer = setInterval(() => go(step + 1), 250);
        play.textContent = '❚❚';
      };
      select.onchange = () => load(+select.value);
      viewer.addEventListener('keydown', event => {
        if (event.target === select || event.ctrlKey || event.altKey || event.metaKey) return;
        const keys = {
          ArrowLeft: () => go(step - 1), ArrowRight: () => go(step + 1),
          Home: () => go(0), End: () => go(length), ' ': toggle,
        };
        if (!keys[event.key] || (event.key === ' ' && event.target.tagName === 'BUTTON')) return;
        event.preventDefault();
        keys[event.key]();
      });
      const begin = () => {
        load(+select.value);
        viewer.hidden = false;
        viewer.nextElementSibling?.classList.add('replaced');
      };
      sheet.decode().then(begin);
    }
    """
}
