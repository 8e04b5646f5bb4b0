/** The repository keeps its own rules. */
import { describe, expect, it } from 'vitest';
import { ambientUses } from './ambient.ts';
import { headless, looseEnds, misnamed, tooLong, undocumentedExports } from './documents.ts';
import { forbiddenImports } from './layers.ts';
import { readTexts, toSources } from './source.ts';

const texts = readTexts();
const sources = toSources(texts);

describe('the repository', () => {
  it('is read at all, and every module of it parses', () => {
    expect(texts.map(({ path }) => path)).toContain('package.json');
    expect(sources.length).toBeGreaterThan(10);
    expect(sources.filter(({ tree }) => tree.errors.length > 0).map(({ path }) => path)).toEqual(
      [],
    );
  });

  it('imports along its layers only', () => {
    expect(sources.flatMap(forbiddenImports)).toEqual([]);
  });

  it('takes environment, time and chance only where they are handed out', () => {
    expect(sources.flatMap(ambientUses)).toEqual([]);
  });

  it('names its files in kebab-case', () => {
    expect(texts.flatMap(misnamed)).toEqual([]);
  });

  it('keeps every file short enough to be read at once', () => {
    expect(sources.flatMap(tooLong)).toEqual([]);
  });

  it('says at the top of every file what it is for', () => {
    expect(sources.flatMap(headless)).toEqual([]);
  });

  it('documents every export', () => {
    expect(sources.flatMap(undocumentedExports)).toEqual([]);
  });

  it('leaves no loose ends and names no machine', () => {
    expect(texts.flatMap(looseEnds)).toEqual([]);
  });
});
