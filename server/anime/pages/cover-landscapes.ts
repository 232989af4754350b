/*
 * Scenes of covers with a sky: land, sea, towns, space.
 */

import {
  box,
  type Chance,
  circle,
  disc,
  hill,
  line,
  mix,
  ridge,
  round,
  type Scene,
  shape,
  stars,
  times,
  width,
} from './cover-drawing.ts';

export const hills: Scene = (chance, palette) => {
  const top = chance.between(140, 175);
  const sun = disc(chance.between(45, 155), top - chance.between(15, 65), chance.between(18, 34), palette);
  const land = [0, 0.35, 0.65, 1].map((share, at) =>
    hill(chance, top + at * 36, 20 - at * 2, mix(palette.far, palette.near, share)),
  );
  const [treeX, treeY] = [chance.between(30, 160), top + 112];
  const tree =
    shape(`M${treeX} ${treeY}v-26h4v26z`, palette.near) +
    circle(treeX + 2, treeY - 32, chance.between(10, 17), palette.accent);
  land.splice(3, 0, tree);
  return sun + land.join('');
};

export const sea: Scene = (chance, palette) => {
  const { near, far, light, bottom, accent } = palette;
  const horizon = chance.between(165, 200);
  const [x, radius] = [chance.between(60, 140), chance.between(34, 56)];
  const glitter = times(7, (at) => {
    const half = radius * (1.05 - at * 0.1) * chance.between(0.6, 1);
    return `M${round(x - half)} ${round(horizon + 8 + at * at * 1.9)}h${round(half * 2)}`;
  });
  const boat = chance.between(25, 150);
  return (
    disc(x, horizon - radius * chance.between(0, 0.5), radius, palette) +
    box(0, horizon, 200, 300, mix(far, bottom, 0.15)) +
    line(glitter, light, 3, ' stroke-linecap="round" opacity=".75"') +
    shape(`M${boat} ${round(horizon + 18)}h26l-6 7h-14z`, near) +
    shape(`M${boat + 12} ${round(horizon - 14)}v29h-11zM${boat + 14} ${round(horizon - 8)}v23h9z`, accent) +
    wave(chance, 258, mix(far, near, 0.55)) +
    wave(chance, 279, near)
  );
};

function wave(chance: Chance, y: number, fill: string): string {
  const start = chance.between(-40, 0);
  return shape(`M${start} ${y}q20-14 40 0t40 0 40 0 40 0 40 0 40 0V300H0z`, fill);
}

export const mountains: Scene = (chance, palette) => {
  const { far, near, light, top } = palette;
  const [x, y] = [chance.between(70, 130), chance.between(95, 130)];
  const [left, right] = [chance.between(70, 95), chance.between(70, 95)];
  const [west, east] = [x - (left * 45) / (300 - y), x + (right * 45) / (300 - y)].map(Math.round);
  const snow = `M${x} ${y}L${west} ${round(y + 45)}l9-12 8 12 9-14L${east} ${round(y + 45)}z`;
  return (
    disc(
      x + chance.pick([-1, 1]) * chance.between(38, 60),
      y - chance.between(5, 40),
      chance.between(14, 26),
      palette,
    ) +
    shape(`M${x - left} 300L${x} ${y}L${x + right} 300z`, mix(far, near, 0.25)) +
    shape(`M${x} ${y}L${x + right} 300H${x - 10}l22-80-18-50z`, near, ' opacity=".22"') +
    shape(snow, mix(light, top, 0.15)) +
    ridge(chance, 225, 45, 4, mix(far, near, 0.5)) +
    ridge(chance, 255, 36, 5, mix(far, near, 0.75)) +
    ridge(chance, 285, 28, 7, near)
  );
};

/** Three rows of houses; the dashes of one line are the windows of one column. */
export const city: Scene = (chance, palette) => {
  const { far, near, accent, light } = palette;
  const row = (from: number, rise: number, colour: string, glow: string): string => {
    let [outline, windows] = ['', ''];
    for (let x = -4; x < width; ) {
      const [wide, roof] = [Math.round(chance.between(18, 34)), Math.round(from - chance.between(0, rise))];
      outline += `M${x} 300V${roof}h${wide}V300z`;
      if (chance.happens(0.25)) outline += `m9-${300 - roof}v-14h2v14z`;
      for (let pane = x + 5; pane < x + wide - 4; pane += 7)
        if (chance.happens(0.7)) windows += `M${pane} ${roof + 8}V300`;
      x += wide + Math.round(chance.between(-2, 3));
    }
    const dashes = `${Math.round(chance.between(3, 5))} 7 4 ${Math.round(chance.between(6, 16))} 4 ${Math.round(chance.between(12, 26))}`;
    return shape(outline, colour) + line(windows, glow, 3, ` stroke-dasharray="${dashes}" opacity=".85"`);
  };
  return (
    disc(chance.between(45, 155), chance.between(60, 100), chance.between(22, 40), palette) +
    row(165, 55, mix(far, near, 0.2), mix(far, light, 0.35)) +
    row(225, 50, mix(far, near, 0.6), accent) +
    row(282, 30, near, light)
  );
};

export const space: Scene = (chance, palette) => {
  const { far, near, light, accent, bottom } = palette;
  const [x, y, radius] = [chance.between(70, 130), chance.between(105, 150), chance.between(42, 62)];
  const tilt = chance.between(-28, 28);
  const ring = (half: string): string =>
    line(
      `M${round(x - radius * 1.65)} ${y}A${round(radius * 1.65)} ${round(radius * 0.42)} 0 0 ${half} ${round(x + radius * 1.65)} ${y}`,
      accent,
      5,
      ` transform="rotate(${tilt} ${x} ${y})"`,
    );
  return (
    stars(chance, 40, 260, light) +
    ring('1') +
    circle(x, y, radius, mix(far, light, 0.25)) +
    shape(
      `M${x} ${round(y - radius)}a${radius} ${radius} 0 0 1 0 ${radius * 2}a${round(radius * 1.5)} ${round(radius * 1.5)} 0 0 0 0-${radius * 2}`,
      near,
      ' opacity=".3"',
    ) +
    ring('0') +
    circle(chance.between(25, 60), chance.between(25, 50), chance.between(5, 12), light) +
    hill(chance, 250, 14, mix(bottom, near, 0.6)) +
    hill(chance, 276, 10, near)
  );
};

export const wires: Scene = (chance, palette) => {
  const { near, accent, far } = palette;
  const x = chance.between(35, 70);
  const sag = chance.between(16, 34);
  const strands = times(4, (at) => {
    const y = 62 + at * 15;
    return `M${x} ${y}Q${round(x / 2 - 10)} ${y + sag} -10 ${y - 14}M${x} ${y}Q130 ${y + sag * 1.4} 172 ${round(150 + at * 8)}`;
  });
  return (
    disc(chance.between(110, 165), chance.between(175, 215), chance.between(26, 44), palette) +
    hill(chance, 238, 12, mix(far, near, 0.35)) +
    line(strands, near, 1.2) +
    shape(
      `M${x - 3} 300V44h6v256zM${x - 24} 60h48v5h-48zM${x - 18} 76h36v5h-36zM171 300V142h3v158zM162 149h21v3h-21zM165 157h15v3h-15z`,
      near,
    ) +
    box(x + 4, 92, 9, 20, near) +
    hill(chance, 270, 9, near) +
    circle(x + 2, 130, 3, accent)
  );
};

export const clouds: Scene = (chance, palette) => {
  const { near, far, light, accent, bottom } = palette;
  const white = mix(bottom, '#ffffff', 0.75);
  const bank = (y: number, size: number, colour: string): string =>
    times(7, (at) => {
      const swell = Math.sin((at / 6) * Math.PI);
      const radius = size * (0.55 + swell * chance.between(0.3, 0.8));
      return circle(at * 36 - 8, y - swell * size * chance.between(0.1, 0.9), radius, colour);
    }) + box(0, y, 200, 300 - y, colour);
  return (
    disc(chance.between(40, 160), chance.between(45, 80), chance.between(14, 24), palette) +
    bank(chance.between(180, 195), 40, mix(white, far, 0.3)) +
    bank(chance.between(212, 225), 34, mix(white, light, 0.2)) +
    box(0, 240, 200, 60, mix(far, near, 0.3)) +
    hill(chance, 262, 7, mix(far, near, 0.65)) +
    hill(chance, 282, 6, near) +
    line(`M${chance.between(30, 160)} ${chance.between(60, 120)}q7-8 12 0q5-8 12 0`, accent, 2)
  );
};

export const forest: Scene = (chance, palette) => {
  const { near, far, bottom } = palette;
  const row = (base: number, tall: number, step: number, fill: string): string => {
    let path = '';
    for (let x = chance.between(-step, 0); x < 205; x += step * chance.between(0.6, 1.1)) {
      const high = tall * chance.between(0.65, 1.15);
      const half = round(high * 0.2);
      path += `M${round(x)} ${round(base - high)}l${half} ${round(high)}h-${round(half * 2)}z`;
    }
    return shape(`${path}M0 ${base}H200V300H0z`, fill);
  };
  return (
    disc(chance.between(60, 140), chance.between(75, 115), chance.between(26, 46), palette) +
    row(205, 80, 22, mix(far, bottom, 0.35)) +
    row(235, 95, 28, mix(far, near, 0.25)) +
    row(262, 105, 36, mix(far, near, 0.6)) +
    row(300, 100, 50, near)
  );
};

export const gate: Scene = (chance, palette) => {
  const { near, far, accent, bottom, light } = palette;
  const y = chance.between(112, 130);
  const red = accent;
  const torii =
    shape(`M36 ${y}q64 12 128 0l4-14q-68 13-136 0z`, near) +
    shape(`M44 ${y + 4}q56 8 112 0v8q-56 7-112 0zM52 ${y + 34}h96v9h-96zM96 ${y + 8}h8v28h-8z`, red) +
    shape(`M64 ${y + 8}h11l-4 ${228 - y}h-12zM125 ${y + 8}h11l5 ${228 - y}h-12z`, red);
  const ripples = times(6, (at) => `M${chance.between(10, 110)} ${244 + at * 9}h${chance.between(30, 90)}`);
  return (
    disc(100 + chance.between(-25, 25), y + chance.between(-5, 40), chance.between(48, 66), palette) +
    ridge(chance, 212, 26, 5, mix(far, bottom, 0.2)) +
    box(0, 212, 200, 88, mix(far, near, 0.3)) +
    torii +
    box(0, 236, 200, 64, mix(far, near, 0.45), ' opacity=".7"') +
    line(ripples, light, 1.6, ' stroke-linecap="round" opacity=".5"')
  );
};
