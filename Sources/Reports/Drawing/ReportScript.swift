/// What a report does where scripts run; without them every value still shows as the browser's own tooltip.
extension ReportDocument {
  /// Values appear at once and on a touch too, and a name in the legend picks out its series.
  static let script = """
    (() => {
      const tip = document.createElement('div');
      tip.className = 'tip'; tip.hidden = true; tip.setAttribute('role', 'status');
      document.body.append(tip);
      for (const title of document.querySelectorAll('svg title')) {
        title.parentNode.dataset.tip = title.textContent;
        title.parentNode.setAttribute('aria-label', title.textContent);
        title.remove();
      }
      const show = event => {
        const shape = event.target.closest?.('[data-tip]');
        tip.hidden = !shape;
        if (!shape) return;
        tip.textContent = shape.dataset.tip;
        const box = shape.getBoundingClientRect(), width = document.documentElement.clientWidth;
        const middle = Math.min(Math.max(event.clientX ?? box.x, box.left), box.right);
        const left = Math.min(Math.max(middle - tip.offsetWidth / 2, 4), width - tip.offsetWidth - 4);
        const above = box.top - tip.offsetHeight - 8;
        tip.style.left = left + scrollX + 'px';
        tip.style.top = (above > 0 ? above : box.bottom + 8) + scrollY + 'px';
      };
      document.addEventListener('pointerover', show);
      document.addEventListener('click', show);
      for (const entry of document.querySelectorAll('.legend li')) {
        const figure = entry.closest('figure');
        const lines = () => figure.querySelectorAll('.series');
        entry.addEventListener('pointerenter', () => {
          for (const line of lines())
            line.classList.toggle('picked', line.dataset.series === entry.dataset.series);
          figure.classList.toggle('faint', figure.querySelector('.picked') !== null);
        });
        entry.addEventListener('pointerleave', () => figure.classList.remove('faint'));
      }
    })();
    """
}
