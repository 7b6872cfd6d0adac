import { expect, test } from 'vitest';
import { ago, bytes, duration, middleEllipsis, significant } from './numbers.ts';

test('four significant digits, and plain words for what is no number', () => {
  expect(
    [0.123456, 1.5, 12.3456, 1e-5, 0, NaN, Infinity].map((value) => significant(value)),
  ).toEqual(['0.1235', '1.500', '12.35', '1.00e−5', '0', '–', '∞']);
});

test('units', () => {
  expect([999, 1500, 2.5e6, 123.4e9].map(bytes)).toEqual(['999 B', '1.5 kB', '2.5 MB', '123 GB']);
  expect([0.44, 12, 60, 185, 7800, 97_200].map(duration)).toEqual([
    '0.4 s',
    '12 s',
    '1 min',
    '3 min 5 s',
    '2 h 10 min',
    '1 d 3 h',
  ]);
  expect([1000, 300_000, 7_200_000, 90_000_000].map((past) => ago(0, past))).toEqual([
    'just now',
    '5 min ago',
    '2 h ago',
    'yesterday',
  ]);
});

test('long texts keep both ends', () => {
  expect(middleEllipsis('short', 10)).toBe('short');
  const cut = middleEllipsis('/home/someone/models/qwen3-4b', 16);
  expect(cut).toHaveLength(16);
  expect(cut.startsWith('/home')).toBe(true);
  expect(cut.endsWith('qwen3-4b')).toBe(true);
});
