/* Measures the charts of a page: the ink of their texts, their marks, and how far a label is from the mark that it names. */
() => {
  const pen = document.createElement('canvas').getContext('2d');
  const place = (svg, part, left, top, right, bottom) => {
    const to = part.getScreenCTM();
    return { left: to.a * left + to.e, top: to.d * top + to.f, right: to.a * right + to.e, bottom: to.d * bottom + to.f };
  };
  const inkOf = (svg, text) => {
    const style = getComputedStyle(text);
    pen.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
    const ink = pen.measureText(text.textContent);
    const { x, y } = text.getStartPositionOfChar(0);
    return place(svg, text, x - ink.actualBoundingBoxLeft, y - ink.actualBoundingBoxAscent,
      x + ink.actualBoundingBoxRight, y + ink.actualBoundingBoxDescent);
  };
  const boxesOf = (svg, part) => {
    const { x, y, width, height } = part.getBBox();
    const half = part.tagName === 'line' ? 0.5 : part.tagName === 'path' ? 1.25 : 0;
    if (part.tagName !== 'path') return [place(svg, part, x - half, y - half, x + width + half, y + height + half)];
    const found = [];
    for (let at = 0; at <= part.getTotalLength(); at += 1.5) {
      const point = part.getPointAtLength(at);
      found.push(place(svg, part, point.x - half, point.y - half, point.x + half, point.y + half));
    }
    return found;
  };
  const meet = (one, other) =>
    Math.min(one.right, other.right) - Math.max(one.left, other.left) > 0.5 &&
    Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top) > 0.5;
  const apart = (one, other) => Math.hypot(
    Math.max(0, one.left - other.right, other.left - one.right), Math.max(0, one.top - other.bottom, other.top - one.bottom));
  const measured = [];
  for (const svg of document.querySelectorAll('figure svg')) {
    if (!svg.checkVisibility()) continue;
    const title = svg.querySelector('title').textContent;
    const texts = [...svg.querySelectorAll('text')].map(text => ({
      words: text.textContent, key: text.dataset.key, role: text.dataset.role, place: text.getAttribute('x'),
      colour: getComputedStyle(text).fill, box: inkOf(svg, text) }));
    const marks = [...svg.querySelectorAll('[data-role=mark], [data-role=axis], [data-role=rule]')].map(part => ({
      key: part.dataset.key, role: part.dataset.role, tag: part.tagName,
      colours: [getComputedStyle(part).fill, getComputedStyle(part).stroke], boxes: boxesOf(svg, part) }));
    const page = svg.getBoundingClientRect();
    const collisions = [], far = [];
    texts.forEach((text, number) => {
      const { left, top, right, bottom } = text.box;
      if (left < page.left - 0.5 || right > page.right + 0.5 || top < page.top - 0.5 || bottom > page.bottom + 0.5)
        collisions.push(`${text.words} leaves the picture`);
      for (const other of texts.slice(number + 1))
        if (meet(text.box, other.box)) collisions.push(`${text.words} over ${other.words}`);
      for (const mark of marks)
        if (mark.boxes.some(box => meet(text.box, box))) collisions.push(`${text.words} over ${mark.role} ${mark.key || ''}`);
    });
    // The lines of a label are one label.
    const labels = [];
    for (const text of texts.filter(text => text.role === 'label')) {
      const last = labels[labels.length - 1];
      if (last && last.key === text.key && last.place === text.place && apart(last.box, text.box) < 12) {
        last.words += ` ${text.words}`;
        last.box = { left: Math.min(last.box.left, text.box.left), right: Math.max(last.box.right, text.box.right),
          top: last.box.top, bottom: text.box.bottom };
      } else labels.push({ ...text });
    }
    for (const label of labels) {
      const off = mark => Math.min(...mark.boxes.map(box => apart(label.box, box)));
      const middle = (label.box.top + label.box.bottom) / 2, centre = (label.box.left + label.box.right) / 2;
      const keyed = [...marks, ...[...svg.querySelectorAll('[data-role=band]')].map(part => ({
        key: part.dataset.key, colours: [], boxes: boxesOf(svg, part) }))].filter(mark => mark.key);
      const own = keyed.filter(mark => mark.key === label.key);
      const nearest = Math.min(...own.map(off)), others = keyed.filter(mark => mark.key !== label.key);
      // Beside or right above or below its bar, or in the row of it alone.
      const gap = mark => Math.max(0, label.box.top - mark.boxes[0].bottom, mark.boxes[0].top - label.box.bottom);
      const isAligned = own.filter(mark => mark.tag === 'rect').some(mark =>
        (mark.boxes[0].top <= middle && middle <= mark.boxes[0].bottom) ||
        (mark.boxes[0].left <= centre && centre <= mark.boxes[0].right && gap(mark) <= 8) ||
        (gap(mark) <= 8 && others.every(other => gap(other) >= gap(mark) + 4)));
      const isColoured = nearest <= 34 && own.some(mark => mark.colours.includes(label.colour));
      if (!own.length) far.push(`${label.words} names no mark`);
      else if (!(isAligned || isColoured || (nearest <= 12 && others.every(mark => off(mark) >= nearest - 2))))
        far.push(`${label.words} is ${nearest.toFixed(0)} from ${label.key}`);
    }
    // Each line, the series among its placebos, and each event has a label.
    for (const mark of marks)
      if ((mark.tag === 'path' || mark.role === 'rule' || mark.key === 'own') && !labels.some(label => label.key === mark.key))
        far.push(`${mark.key} has no label`);
    measured.push({ title, texts: texts.length, labels: labels.length, marks: marks.length, collisions, far });
  }
  return measured;
}
