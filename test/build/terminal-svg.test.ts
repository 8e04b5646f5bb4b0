/** A recorded session as a picture: all of its text, its colours, and one frame at a time. */
import { expect, it } from 'vitest';
import { toSvg } from '../../scripts/terminal-svg.ts';

const OPTIONS = { title: 'a & b', columns: 20, rows: 2, secondsPerBeat: 0.5 };

const FRAMES = [
  { lines: ['\u001B[1mweb\u001B[22m  v2 <1>', 'same'], beats: 1 },
  { lines: ['\u001B[2m└\u001B[22m \u001B[32m✔\u001B[39m done', 'same'], beats: 3 },
];

it('has the text of every line in its place, escaped, and a line that comes again only once', () => {
  const svg = toSvg(FRAMES, OPTIONS);
  expect(svg).toContain('<title>a &amp; b</title>');
  expect(svg).toContain('<tspan x="0.0" class="b">web</tspan>');
  expect(svg).toContain('<tspan x="42.0">v2 &lt;1&gt;</tspan>');
  expect(svg.match(/>same</g)).toHaveLength(1);
  expect(svg.match(/<use /g)).toHaveLength(4);
});

it('has colours and weights until they end', () => {
  const svg = toSvg(FRAMES, OPTIONS);
  expect(svg).toContain('<tspan x="0.0" class="d">└</tspan>');
  expect(svg).toContain('<tspan x="16.8" class="g">✔</tspan>');
  expect(svg).toContain('<tspan x="33.6">done</tspan>');
});

it('shows each frame for its beats, and again from the beginning', () => {
  const svg = toSvg(FRAMES, OPTIONS);
  expect(svg).toContain('animation:2.0s step-end infinite');
  expect(svg).toContain('@keyframes k0{0.000%{visibility:visible}25.000%{visibility:hidden}}');
  expect(svg).toContain('@keyframes k1{0%{visibility:hidden}25.000%{visibility:visible}}');
});

it('stands still for readers who ask for that', () => {
  expect(toSvg(FRAMES, OPTIONS)).toContain('prefers-reduced-motion');
});
