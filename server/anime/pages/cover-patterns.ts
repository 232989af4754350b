/*
 * Scenes of covers without a place: shapes that repeat, lines, one thing drawn large.
 */

import { box, circle, disc, hill, line, mix, round, type Scene, shape, times } from './cover-drawing.ts';

export const rays: Scene = (chance, palette) => {
  const { light, far, near, bottom } = palette;
  const [x, y] = [chance.between(60, 140), chance.between(130, 190)];
  const count = chance.pick([12, 14, 16, 18]);
  const turn = chance.between(0, 6);
  const wedges = times(count, (at) => {
    const [from, to] = [at, at + 0.5].map((part) => turn + (part / count) * Math.PI * 2);
    const end = (angle = 0): string =>
      `${Math.round(x + Math.cos(angle) * 320)} ${Math.round(y + Math.sin(angle) * 320)}`;
    return `M${x} ${y}L${end(from)} ${end(to)}z`;
  });
  return (
    shape(wedges, mix(bottom, far, 0.55), ' opacity=".55"') +
    circle(x, y, chance.between(38, 58), light) +
    hill(chance, 228, 18, mix(far, near, 0.35)) +
    hill(chance, 262, 14, near)
  );
};

/** Four by six squares, each with one of eight figures. */
export const tiles: Scene = (chance, { top, bottom, light, far, near, accent }) => {
  const figures = [
    'M0 0h50A50 50 0 0 1 0 50z',
    'M50 50H0A50 50 0 0 1 50 0z',
    'M50 0v50A50 50 0 0 1 0 0z',
    'M0 50V0A50 50 0 0 1 50 50z',
    'M0 25a25 25 0 0 1 50 0z',
    'M25 0a25 25 0 0 1 0 50z',
    'M25 5a20 20 0 0 1 0 40a20 20 0 0 1 0-40',
    'M0 50L50 0V50z',
  ];
  const grounds = new Map([top, bottom, far, near].map((colour) => [colour, '']));
  const drawn = times(24, (at) => {
    const [x, y] = [(at % 4) * 50, Math.floor(at / 4) * 50];
    const ground = chance.pick([top, bottom, far, near]);
    const colour = chance.pick(ground === near ? [light, accent, bottom] : [near, light, accent]);
    grounds.set(ground, `${grounds.get(ground)}M${x} ${y}h50v50h-50z`);
    return `<use href="#t${Math.floor(chance.between(0, 7.9))}" x="${x}" y="${y}" fill="${colour}"/>`;
  });
  const floor = [...grounds].map(([colour, path]) => shape(path, colour)).join('');
  return `<defs>${figures.map((path, at) => `<path id="t${at}" d="${path}"/>`).join('')}</defs><g shape-rendering="crispEdges">${floor}</g>${drawn}`;
};

export const arcs: Scene = (chance, { light, far, near, accent, bottom }) => {
  const [x, y] = [chance.pick([0, 200, 100]), chance.pick([300, 230])];
  const colours = [near, accent, mix(far, near, 0.4), light, far, mix(far, bottom, 0.5)];
  const thick = chance.between(24, 32);
  const turn = Math.round(chance.between(0, 5));
  return (
    times(6, (at) => circle(x, y, (6 - at) * thick + 8, colours[(at + turn) % 6] ?? near)) + box(0, y, 200, 300, near)
  );
};

/** Waves as they are woven and printed: rows of rings, each before the one above it. */
export const scales: Scene = (chance, palette) => {
  const { near, far, bottom } = palette;
  const size = chance.pick([28, 40, 50]);
  const start = chance.between(120, 185);
  const [crest, ground] = [mix(far, bottom, 0.55), mix(far, near, 0.45)];
  const rings = [1, 0.7, 0.4].map((share) => `<circle r="${round((size / 2) * share)}"/>`).join('');
  const rows = Math.ceil((300 - start) / (size / 4)) + 2;
  const waves = times(rows, (row) => {
    const across = times(Math.ceil(200 / size) + 1, (at) => `<use href="#r" x="${at * size}"/>`);
    return row < 2
      ? `<g id="w${row}" transform="translate(${row ? -size / 2 : 0} ${start + (row * size) / 4})">${across}</g>`
      : `<use href="#w${row % 2}" y="${round((Math.floor(row / 2) * size) / 2)}"/>`;
  });
  return `${disc(chance.between(60, 140), start - chance.between(5, 35), chance.between(36, 58), palette)}<defs><g id="r">${rings}</g></defs><g fill="${ground}" stroke="${crest}" stroke-width="${size / 20}">${waves}</g>`;
};

/** A sound, drawn again and again. */
export const strings: Scene = (chance, { near, light, accent, far }) => {
  const rows = 12;
  return times(rows, (row) => {
    const y = 84 + row * 17;
    const swings = times(7, (at) => `q8-${Math.round(chance.between(20, 84) * (1 - Math.abs(at - 3) / 4))} 16 0`);
    const colour = mix(far, near, Math.min(1, 0.25 + row / rows));
    return shape(
      `M-5 ${y}H${Math.round(chance.between(34, 52))}${swings}H205V300H-5z`,
      colour,
      ` stroke="${row % 4 === 2 ? accent : light}" stroke-width="1.4"`,
    );
  });
};

export const rain: Scene = (chance, { near, light, accent, far, bottom }) => {
  const [x, y] = [chance.between(80, 125), chance.between(150, 180)];
  const drops = times(56, () => {
    const [left, top] = [chance.between(-10, 210), chance.between(-20, 290)];
    const isSheltered = Math.abs(left - x) < 66 && top > y - 60;
    return isSheltered ? '' : `M${left} ${top}l-4 ${chance.between(14, 26)}`;
  });
  return (
    line(drops, light, 1.4, ' stroke-linecap="round" opacity=".55"') +
    box(0, 268, 200, 32, mix(far, near, 0.5)) +
    line(`M${x} ${y - 60}V262q0 12-9 12t-9-10`, near, 3.5, ' stroke-linecap="round"') +
    shape(
      `M${x - 62} ${y}a62 56 0 0 1 124 0q-10-9-20.6 0q-10-9-20.7 0q-10-9-20.7 0q-10-9-20.7 0q-10-9-20.7 0q-10-9-20.6 0z`,
      accent,
    ) +
    shape(`M${x - 21} ${y}q0-44 21-56q21 12 21 56q-10-9-21 0q-10-9-21 0z`, mix(accent, near, 0.3)) +
    circle(x, y - 58, 3, near) +
    shape(`M${x - 60} 284q60-8 120 0q-60 8-120 0z`, mix(bottom, far, 0.5), ' opacity=".6"')
  );
};

export const blossom: Scene = (chance, palette) => {
  const { near, accent } = palette;
  const petal = mix(accent, '#ffffff', 0.35);
  const y = chance.between(90, 130);
  const tip = chance.between(120, 160);
  const flowers = times(9, (at) => {
    const x = 18 + at * (tip / 9) + chance.between(-9, 9);
    const up = y + 62 - at * 9 + chance.between(-26, 22);
    return `<use href="#f" transform="translate(${round(x)} ${round(up)}) rotate(${Math.round(chance.between(0, 72))}) scale(${chance.between(0.7, 1.3)})"/>`;
  });
  const falling = times(9, () => `M${chance.between(20, 190)} ${chance.between(150, 290)}q5-5 8 1q-4 4-8-1z`);
  return (
    `<defs><g id="f">${times(5, (at) => `<ellipse cy="-7" rx="5" ry="7.5" fill="${petal}" transform="rotate(${at * 72})"/>`)}${circle(0, 0, 3, near)}</g></defs>` +
    disc(chance.between(110, 140), y + 20, chance.between(48, 64), palette) +
    line(
      `M-5 ${y + 95}Q50 ${y + 80} 80 ${y + 30}T${tip + 20} ${y - 10}M60 ${y + 62}q30 2 50 22`,
      near,
      5,
      ' stroke-linecap="round"',
    ) +
    flowers +
    shape(falling, petal)
  );
};

/** Blocks, the more the lower. */
export const cubes: Scene = (chance, { light, far, near, accent }) => {
  const tops = [light, accent, mix(far, light, 0.4)] as const;
  const blocks = times(45, (at) => {
    const [row, column] = [Math.floor(at / 5), at % 5];
    if (!chance.happens(0.2 + row * 0.09)) return '';
    const [x, y] = [column * 50 - (row % 2) * 25, 8 + row * 37.5];
    return `<use href="#c" x="${x}" y="${y}" fill="${chance.pick(tops)}"/>`;
  });
  const sides = shape('M0 0l25 12.5v29L0 29z', far) + shape('M50 0L25 12.5v29L50 29z', near);
  return `<defs><g id="c"><path d="M0 0l25-12.5 25 12.5-25 12.5z"/>${sides}</g></defs>${blocks}`;
};

/** A running track from above, and a ball or the sun. */
export const lanes: Scene = (chance, { light, far, near, accent }) => {
  const turn = chance.between(-50, 50);
  const [x, y] = [chance.between(90, 110), chance.between(170, 200)];
  const tracks = times(7, (at) => {
    const half = 150 - at * 18;
    const colour = at === 6 ? near : mix(far, near, at % 2 ? 0.2 : 0.05);
    return shape(
      `M${-half} 400V0a${half} ${half} 0 0 1 ${half * 2} 0V400z`,
      colour,
      ` stroke="${light}" stroke-width="2"`,
    );
  });
  const [ballX, ballY, radius] = [chance.between(60, 140), chance.between(60, 110), chance.between(18, 28)];
  return (
    `<g transform="translate(${x} ${y}) rotate(${turn})">${tracks}</g>` +
    circle(ballX + 9, ballY + 12, radius, near, ' opacity=".35"') +
    circle(ballX, ballY, radius, accent)
  );
};
