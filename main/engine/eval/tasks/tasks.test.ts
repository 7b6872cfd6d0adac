/**
 * Rows of the exact published schemas. GSM8K: openai/grade-school-math (MIT). SVAMP: arkilpatel/SVAMP
 * (MIT). MATH-500, AQuA-RAT, MAWPS, AIME, AMC, HumanEval, MBPP: field names as published, contents
 * our own.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { scoreResponse } from '../score-response.ts';
import { candidateCode } from './candidate-code.ts';
import { findTask } from './find-task.ts';
import { readItems } from './read-items.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tasks-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function item(task: string, row: Record<string, unknown>) {
  return findTask(task).task.readItem(row, 'rows.jsonl line 4', 3);
}

describe('mathematics', () => {
  test.each<[string, Record<string, unknown>, object]>([
    [
      'gsm8k',
      {
        question: 'Natalia sold clips to 48 of her friends. How many?',
        answer: 'Natalia sold 48/2 = <<48/2=24>>24 clips.\n#### 1,072',
      },
      { id: 3, question: 'Natalia sold clips to 48 of her friends. How many?', expected: '1,072' },
    ],
    [
      'gsm8k',
      { instruction: 'How many tiles?', input: '', output: 'The answer is 5.', answer: '576.0' },
      { question: 'How many tiles?', expected: '576.0' },
    ],
    [
      'math500',
      {
        problem: 'Compute $1+1$.',
        solution: 'It is $\\boxed{3}$.',
        answer: '2',
        subject: 'Algebra',
        level: 1,
        unique_id: 'test/algebra/1.json',
      },
      { id: 'test/algebra/1.json', question: 'Compute $1+1$.', expected: '2' },
    ],
    [
      'math500',
      { problem: 'p', level: 'Level 1', type: 'Algebra', solution: 'so \\boxed{\\frac{1}{2}}.' },
      { expected: '\\frac{1}{2}' },
    ],
    ['math500', { question: 'q', answer: 'We have $\\boxed{(3, 4)}.$' }, { expected: '(3, 4)' }],
    ['aime2025', { question: 'q', answer: '70' }, { question: 'q', expected: '70' }],
    ['aime2025', { problem_idx: 4, problem: 'q', answer: 16 }, { id: 4, expected: '16' }],
    ['aime2025', { ID: '2025-I-1', Problem: 'q', Solution: 's', Answer: 70 }, { id: '2025-I-1' }],
    ['amc23', { instruction: 'q', answer: '27' }, { question: 'q', expected: '27' }],
    ['amc23', { id: 0, problem: 'q', answer: 27.0, url: 'u' }, { id: 0, expected: '27' }],
    [
      'mawps',
      { id: 926, original_text: 'q ?', segmented_text: 's', equation: 'x=3-1', ans: 0 },
      { id: 926, question: 'q ?', expected: '0' },
    ],
    [
      'mawps',
      { iIndex: 5, sQuestion: 'q', lEquations: ['x=1'], lSolutions: [8.0] },
      { expected: '8' },
    ],
    [
      'mawps',
      {
        Question: 'Mary had N_00 and N_01 cards .',
        Numbers: '9.0 4.5',
        Equation: 'x',
        Answer: 13.5,
      },
      { question: 'Mary had 9 and 4.5 cards .', expected: '13.5' },
    ],
    [
      'svamp',
      {
        ID: 'chal-1',
        Body: 'Each pack of dvds costs 76 dollars. If there is a discount of 25 dollars on each pack',
        Question: 'How much do you have to pay to buy each pack?',
        Equation: '( 76.0 - 25.0 )',
        Answer: 51.0,
        Type: 'Subtraction',
      },
      {
        id: 'chal-1',
        question:
          'Each pack of dvds costs 76 dollars. If there is a discount of 25 dollars on each pack. How much do you have to pay to buy each pack?',
        expected: '51',
      },
    ],
    [
      'svamp',
      { ID: 'chal-1', Body: 'b.', sQuestion: 'q?', lSolutions: 51.0 },
      { question: 'b. q?', expected: '51' },
    ],
    [
      'svamp',
      { ID: 'chal-1', Body: 'b.', Question: 'q?', question_concat: 'b. q?', Answer: '51.0' },
      { question: 'b. q?', expected: '51.0' },
    ],
    // The reference evaluator's own cases.
    ['mawps', { original_text: 'q', ans: 0 }, { question: 'q', expected: '0' }],
    [
      'math500',
      {
        question: 'this alias must not replace the prompt',
        prompt: [{ role: 'user', content: '2+2?' }],
        reward_model: { ground_truth: '4' },
      },
      { question: '2+2?', expected: '4' },
    ],
  ])('%s %j', (task, row, expected) => {
    expect(item(task, row)).toMatchObject(expected);
  });

  test('a row without an answer is an error that names its place', () => {
    expect(() => item('gsm8k', { question: 'missing answer' })).toThrow(/^rows.jsonl line 4: none/);
    expect(() => item('gsm8k', { answer: '1' })).toThrow('none of the fields');
  });

  test.each([
    ['gsm8k', '576.0', '<think>..</think> <answer> \\boxed{576} </answer>', 'correct'],
    ['gsm8k', '1,072', 'So 1072 clips.', 'correct'],
    ['mawps', '1.8333333333333335', '\\boxed{\\frac{11}{6}}', 'correct'],
    ['svamp', '51', '<answer>\\boxed{51 dollars}</answer>', 'correct'],
    ['svamp', '51', 'I do not know', 'no-answer'],
    ['math500', '\\left( 3, \\frac{\\pi}{2} \\right)', '\\boxed{(3,\\pi/2)}', 'correct'],
    ['aime2025', '70', '\\boxed{070}', 'correct'],
    ['aime2025', '70', '70', 'no-answer'],
    ['amc23', '-1', '\\boxed{1}', 'wrong'],
  ])('%s expects %s: %s is %s', (task, expected, response, verdict) => {
    const asked = { id: 0, question: '', expected };
    expect(scoreResponse(findTask(task).task, asked, response).verdict).toBe(verdict);
  });
});

describe('choices', () => {
  const choices = ['$61', '$65', '$67.40', '$70', '$78.20'];
  const question = 'What was the original price of the item?';
  const asked = `${question} Answer Choices: (A) $61 (B) $65 (C) $67.40 (D) $70 (E) $78.20`;
  test.each<[Record<string, unknown>]>([
    [{ question, options: ['A)$61', 'B)$65', 'C)$67.40', 'D)$70', 'E)$78.20'], correct: 'E' }],
    [
      {
        sQuestion: question,
        options: ['A)$61', 'B)$65', 'C)$67.40', 'D)$70', 'E)$78.20'],
        lSolutions: 'E',
      },
    ],
    [{ question, options: ['(A)$61', '(B)$65', '(C)$67.40', '(D)$70', '(E)$78.20'], label: 'E' }],
    [{ instruction: asked, input: '', output: 'r', answer: 'E' }],
    [{ question: asked, 'chain-of-thought': 'r', pred: 'A', answer: 'E' }],
  ])('%j', (row) => {
    const found = item('aqua', row);
    expect(found).toMatchObject({ question: asked, expected: 'E', choices });
    const verdicts = ['\\boxed{E}', '\\boxed{78.2}', 'The answer is (A).', 'Compare A and B.'].map(
      (response) => scoreResponse(findTask('aqua').task, found, response).verdict,
    );
    expect(verdicts).toEqual(['correct', 'correct', 'wrong', 'no-answer']);
  });

  test('an answer that is no choice is an error', () => {
    const row = { question, options: ['A)1', 'B)2'], correct: 'E' };
    expect(() => item('aqua', row)).toThrow('none of its 2 choices');
  });
});

describe('code', () => {
  const prompt = 'from typing import List\n\n\ndef add(a: int) -> List[int]:\n    """Adds."""\n';
  const human = {
    task_id: 'HumanEval/0',
    prompt,
    entry_point: 'add',
    canonical_solution: '    return [a]\n',
    test: 'def check(candidate):\n    assert candidate(1) == [1]\n',
  };
  test('HumanEval: a body, a function in a block, a block that is cut off', () => {
    const { code } = item('humaneval', human);
    expect(code).toMatchObject({ kind: 'humaneval', entryPoint: 'add', setup: prompt });
    expect(candidateCode('    return [a]\n', code!)).toBe(`${prompt}    return [a]\n`);
    const whole = 'def add(a):\n    return [a]\n';
    const program = `${prompt.trimEnd()}\n\n${whole}`;
    expect(candidateCode(`<think>x</think>Here:\n\`\`\`python\n${whole}\`\`\`\nDone.`, code!)).toBe(
      program,
    );
    expect(candidateCode(`\`\`\`python\n${whole}`, code!)).toBe(program);
  });

  test('MBPP and its sanitised edition', () => {
    const mbpp = {
      text: 'Write a function to add.',
      code: 'def add(a, b): return a + b',
      task_id: 601,
      test_setup_code: 'import math',
      test_list: ['assert add(1, 2) == 3', 'assert add(2, 2) == 4'],
      challenge_test_list: [],
    };
    const test = 'assert add(1, 2) == 3\nassert add(2, 2) == 4';
    expect(item('mbpp', mbpp)).toMatchObject({ id: 601, code: { setup: 'import math', test } });
    const { text, test_setup_code, ...rest } = mbpp;
    const sanitised = { ...rest, prompt: text, test_imports: [test_setup_code], source_file: 's' };
    expect(item('mbpp', sanitised)).toMatchObject({ code: { setup: 'import math', test } });
  });
});

describe('files', () => {
  const rows = [
    { question: 'one?', answer: '1' },
    { question: 'two?', answer: '2' },
  ];
  const wanted = rows.map(({ question, answer }, id) => ({ id, question, expected: answer }));
  test.each([
    ['rows.jsonl', rows.map((row) => JSON.stringify(row)).join('\n')],
    ['rows.json', JSON.stringify(rows, null, 4)],
    ['wrapped.json', JSON.stringify({ version: 1, data: rows }, null, 1)],
    ['rows.csv', 'question,answer\none?,1\ntwo?,2\n'],
  ])('%s', async (name, content) => {
    const path = join(folder, name);
    writeFileSync(path, content);
    const { task } = findTask('gsm8k');
    expect(await readItems(task, path)).toEqual(wanted);
    expect(await readItems(task, path, 1)).toEqual(wanted.slice(0, 1));
  });

  test('parquet, options as a list', async () => {
    const path = join(folder, 'aqua.parquet');
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    await connection.run(
      `COPY (SELECT 'q?' AS question, ['A)1', 'B)2'] AS options, 'r' AS rationale, 'B' AS correct) TO '${path}'`,
    );
    connection.closeSync();
    instance.closeSync();
    const found = await readItems(findTask('AQuA-RAT').task, path);
    expect(found).toMatchObject([{ expected: 'B', choices: ['1', '2'] }]);
  });

  test('a bad row is an error, not one item less', async () => {
    const path = join(folder, 'bad.jsonl');
    writeFileSync(path, '{"question":"a","answer":"1"}\n{"question":"b"}\n');
    await expect(readItems(findTask('gsm8k').task, path)).rejects.toThrow('bad.jsonl line 2: none');
  });
});

describe('task files', () => {
  const write = (text: string) => {
    const path = join(folder, 'task.yaml');
    writeFileSync(path, text);
    return path;
  };
  const row = { q: 'What is 1 + 1?', a: 'Two.\n#### 2', level: 'easy' };

  test('fields, template, system prompt, data beside the file', () => {
    const { task, data } = findTask(
      write(`
name: mine
answer: { kind: number }
fields: { question: q, answer: a }
prompt: "[{{level}}] {{question}} {{nothing}}"
system: none
maxNewTokens: 64
data: rows.jsonl
`),
    );
    expect(data).toBe(join(folder, 'rows.jsonl'));
    expect(task).toMatchObject({ name: 'mine', systemPrompt: null, maxNewTokens: 64 });
    const read = task.readItem(row, 'p', 0);
    expect(read).toEqual({ id: 0, question: '[easy] What is 1 + 1? {{nothing}}', expected: '2' });
    expect(scoreResponse(task, read, '#### 2').verdict).toBe('correct');
  });

  test('a pattern of the user, which ends even where it backtracks', () => {
    const { task } = findTask(
      write(
        'name: r\nanswer: { kind: regex, pattern: "^Result: ((a+)+)$" }\nfields: {question: q, answer: a}',
      ),
    );
    const read = task.readItem({ q: 'x', a: 'aaa' }, 'p', 0);
    expect(scoreResponse(task, read, 'Result: aaa').verdict).toBe('correct');
    expect(scoreResponse(task, read, 'Result: aa').verdict).toBe('wrong');
    expect(scoreResponse(task, read, `Result: ${'a'.repeat(60)}!`).verdict).toBe('no-answer');
  });

  test.each([
    ['name: x\nanswer: { kind: regex }', 'answer.pattern belongs to kind regex'],
    ['name: x\nanswer: { kind: regex, pattern: "(" }', 'no regular expression'],
    ['name: x\nanswer: { kind: nothing }', 'answer.kind'],
    ['name: ../x\nanswer: { kind: math }', 'name'],
    ['name: x\nanswer: { kind: math }\nsurplus: 1', 'surplus'],
    ['- [', 'cannot be used'],
  ])('%j is refused', (text, message) => {
    expect(() => findTask(write(text))).toThrow(message);
  });

  test('an unknown benchmark', () => {
    expect(() => findTask('gsm9k')).toThrow('There is no benchmark "gsm9k"');
    expect(() => findTask('missing.yaml')).toThrow(/no file|missing/i);
  });
});
