/**
 * A cleaned answer (clean-answer.ts) as an expression. LaTeX and plain spelling alike: \frac12, 3/4,
 * 2\sqrt{3}, sqrt(2), 1\frac{1}{2} (a mixed number), 2^{10}, |x|, \binom52, \sin 30^\circ, 1011_2,
 * (1, 2], \{1, 2\}, x \le 3, unions, column vectors, 3 \pm \sqrt5. Recursive descent over the text
 * itself, since LaTeX decides by the character: \frac12 is one half. What it does not know is not an
 * expression, and null: such answers are compared as text. Depth and size are bounded.
 */
import type { Expression, Relation } from './expression.ts';
import { call } from './expression.ts';
import { readNumber } from './read-number.ts';
import type { NumberStyle } from './read-number.ts';

const DEEPEST = 60;
const MOST_NODES = 2000;

class NotMathematics extends Error {}

export function parseAnswer(text: string, style: NumberStyle): Expression | null {
  const parser = new Parser(text, style);
  try {
    const expression = parser.list();
    return parser.atEnd() ? expression : null;
  } catch (error) {
    if (error instanceof NotMathematics) return null;
    throw error;
  }
}

const relations: Record<string, Relation> = {
  '=': '=',
  '<': '<',
  '>': '>',
  '<=': '<=',
  '>=': '>=',
  '\\le': '<=',
  '\\leq': '<=',
  '\\ge': '>=',
  '\\geq': '>=',
  '\\lt': '<',
  '\\gt': '>',
  '\\ne': '!=',
  '\\in': '=',
};
const sums: Record<string, string> = {
  '+': 'add',
  '-': 'subtract',
  '\\pm': 'plus-minus',
  '\\mp': 'minus-plus',
  '+-': 'plus-minus',
  '+/-': 'plus-minus',
};
const products: Record<string, string> = {
  '*': 'multiply',
  '\\cdot': 'multiply',
  '\\times': 'multiply',
  '/': 'divide',
  '\\div': 'divide',
  ':': 'divide',
};
const functionNames = new Set(
  'sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh ln log lg exp'.split(' '),
);
const greek =
  /^\\(alpha|beta|gamma|delta|epsilon|varepsilon|zeta|eta|theta|iota|kappa|lambda|mu|nu|xi|rho|sigma|tau|phi|varphi|chi|psi|omega|Gamma|Delta|Theta|Lambda|Sigma|Phi|Psi|Omega|ell|emptyset|varnothing)(?![a-zA-Z])/;
const plainWord =
  /^(sqrt|pi|infinity|inf|oo|sin|cos|tan|arctan|arcsin|arccos|ln|log|exp|abs)(?![a-zA-Z])/;

class Parser {
  readonly #text: string;
  readonly #style: NumberStyle;
  #at = 0;
  #depth = 0;
  #nodes = 0;
  /** Between bars, where a bar closes and does not open. */
  #bars = 0;

  constructor(text: string, style: NumberStyle) {
    this.#text = text;
    this.#style = style;
  }

  atEnd(): boolean {
    this.#skip();
    return this.#at >= this.#text.length;
  }

  list(): Expression {
    const items = [this.#relation()];
    while (
      this.#take(
        /^(?:[,;]\s*(?:and|or|\\text\{\s*(?:and|or)\s*\})?|(?:and|or)(?![a-zA-Z])|\\text\{\s*(?:and|or)\s*\}|\\(?:lor|vee)(?![a-zA-Z]))/,
      )
    ) {
      items.push(this.#relation());
    }
    return items.length === 1 ? items[0]! : { kind: 'list', items, braces: false };
  }

  #relation(): Expression {
    const terms = [this.#union()];
    const operators: Relation[] = [];
    for (;;) {
      const found = this.#take(/^(?:<=|>=|=|<|>|\\(?:leq?|geq?|lt|gt|ne|in)(?![a-zA-Z]))/);
      if (!found) break;
      operators.push(relations[found]!);
      terms.push(this.#union());
    }
    return terms.length === 1 ? terms[0]! : this.#made({ kind: 'relation', terms, operators });
  }

  #union(): Expression {
    const items = [this.#sum()];
    while (this.#take(/^(?:\\cup(?![a-zA-Z])|U(?=\s*[([]))/)) items.push(this.#sum());
    return items.length === 1 ? items[0]! : this.#made({ kind: 'union', items });
  }

  #sum(): Expression {
    return this.#nested(() => {
      let left = this.#signed();
      for (;;) {
        const found = this.#take(/^(?:\+\/-|\+-|[+-]|\\(?:pm|mp)(?![a-zA-Z]))/);
        if (!found) return left;
        left = this.#call(sums[found]!, left, this.#product());
      }
    });
  }

  #signed(): Expression {
    const sign = this.#take(/^(?:\+\/-|\+-|[+-]|\\(?:pm|mp)(?![a-zA-Z]))/);
    if (!sign) return this.#product();
    const operand = this.#nested(() => this.#signed());
    if (sign === '+') return operand;
    if (sign === '-') return this.#call('negate', operand);
    return this.#call(
      sums[sign]!,
      { kind: 'number', value: { top: 0n, bottom: 1n }, decimals: 0 },
      operand,
    );
  }

  #product(): Expression {
    let left = this.#power();
    for (;;) {
      const found = this.#take(/^(?:\*|\/|:|\\(?:cdot|times|div)(?![a-zA-Z]))/);
      if (found) left = this.#call(products[found]!, left, this.#factor());
      else if (this.#startsFactor()) left = this.#call('multiply', left, this.#power());
      else return left;
    }
  }

  /** After an operator a sign may stand: 2 * -3. */
  #factor(): Expression {
    return this.#take(/^-/) ? this.#call('negate', this.#power()) : this.#power();
  }

  #startsFactor(): boolean {
    this.#skip();
    const rest = this.#rest();
    if (/^(?:and|or)(?![a-zA-Z])|^U\s*[([]/.test(rest)) return false;
    if (/^[a-zA-Z([{]/.test(rest)) return true;
    if (rest.startsWith('|')) return this.#bars === 0;
    if (/^\d/.test(rest)) return !/[\d.]\s*$/.test(this.#text.slice(0, this.#at));
    return (
      greek.test(rest) ||
      /^\\(?:frac|sqrt|pi|binom|lfloor|lceil|log|ln|lg|exp|sin|cos|tan|cot|sec|csc|arcsin|arccos|arctan|overline|infty|begin)(?![a-zA-Z])/.test(
        rest,
      )
    );
  }

  #power(): Expression {
    let base = this.#postfix(this.#atom());
    if (this.#take(/^(?:\^|\*\*)/)) {
      if (this.#take(/^(?:\\circ(?![a-zA-Z])|\{\s*\\circ\s*\})/))
        base = this.#call('degrees', base);
      else
        base = this.#call(
          'power',
          base,
          this.#nested(() => this.#exponent()),
        );
      base = this.#postfix(base);
    }
    return base;
  }

  #exponent(): Expression {
    if (this.#take(/^-/)) return this.#call('negate', this.#exponent());
    // LaTeX sets 2^10 as 2^1 0, but whoever writes it means two to the tenth.
    if (this.#peek(/^\d/)) return this.#number();
    return this.#peek(/^[{\\(]/) ? this.#atom() : this.#argument();
  }

  #postfix(base: Expression): Expression {
    let result = base;
    while (this.#peek(/^(?:!(?!=)|\\?%)/)) {
      result = this.#call(
        this.#take(/^!/) ? 'factorial' : (this.#take(/^\\?%/), 'percent'),
        result,
      );
    }
    return result;
  }

  #atom(): Expression {
    return this.#nested(() => {
      this.#skip();
      const rest = this.#rest();
      if (/^[\d.]/.test(rest)) return this.#number();
      if (rest.startsWith('\\')) return this.#command();
      if (/^["a-zA-Z]/.test(rest)) return this.#letters();
      if (this.#take(/^\{/)) return this.#closed(/^\}/, () => this.list());
      if (this.#take(/^\|/)) {
        this.#bars++;
        const inside = this.#closed(/^\|/, () => this.#sum());
        this.#bars--;
        return this.#call('abs', inside);
      }
      if (/^[([]/.test(rest)) return this.#bracketed();
      throw new NotMathematics();
    });
  }

  #number(): Expression {
    const found = readNumber(this.#rest(), this.#style);
    if (!found) throw new NotMathematics();
    this.#at += found.length;
    return this.#made(found.expression);
  }

  #bracketed(): Expression {
    const bars = this.#bars;
    this.#bars = 0;
    const open = this.#take(/^[([]/) as '(' | '[';
    const items = [this.#relation()];
    while (this.#take(/^[,;]/)) items.push(this.#relation());
    const close = this.#take(/^[)\]]/) as ')' | ']' | null;
    this.#bars = bars;
    if (!close) throw new NotMathematics();
    if (items.length > 1) return this.#made({ kind: 'tuple', items, open, close });
    // [5] and (5) are the number; half-open brackets around one thing are nothing.
    if ((open === '(') !== (close === ')')) throw new NotMathematics();
    return items[0]!;
  }

  #letters(): Expression {
    const word = plainWord.exec(this.#rest())?.[1];
    if (word) {
      this.#at += word.length;
      if (word === 'pi') return this.#name('pi');
      if (word === 'infinity' || word === 'inf' || word === 'oo') return this.#name('infinity');
      if (word === 'sqrt' || word === 'abs') return this.#call(word, this.#argument());
      return this.#function(word);
    }
    const quoted = this.#take(/^"[^"]*"/);
    if (quoted) return words(quoted.slice(1, -1));
    const run = /^[a-zA-Z]+/.exec(this.#rest())![0];
    // "even", "Tuesday": a word, not a product of variables; "xy" and "abc" are products.
    if (run.length > 3 || /^(?:yes|no|true|odd|all|any|non)$/i.test(run)) {
      this.#at += run.length;
      return words(run);
    }
    return this.#variable(run[0]!);
  }

  #variable(letter: string): Expression {
    this.#at += letter.length;
    const primes = this.#take(/^'+/) ?? '';
    const index = this.#take(/^_(?:\{[a-zA-Z0-9]{1,20}\}|[a-zA-Z0-9])/) ?? '';
    return this.#name(letter + index.replace(/[{}]/g, '') + primes);
  }

  #command(): Expression {
    const letter = greek.exec(this.#rest());
    if (letter) {
      this.#at += letter[0].length;
      const name = letter[1] === 'varnothing' ? 'emptyset' : letter[1]!;
      if (name === 'emptyset') return { kind: 'list', items: [], braces: true };
      return this.#greek(name);
    }
    const name = this.#take(/^\\(?:[a-zA-Z]+|\{)/)?.slice(1);
    switch (name) {
      case '{': {
        if (this.#take(/^\\\}/)) return { kind: 'list', items: [], braces: true };
        const inside = this.#closed(/^\\\}/, () => this.list());
        const items = inside.kind === 'list' && !inside.braces ? inside.items : [inside];
        return this.#made({ kind: 'list', items, braces: true });
      }
      case 'frac':
        return this.#call('divide', this.#argument(), this.#argument());
      case 'binom':
        return this.#call('binomial', this.#argument(), this.#argument());
      case 'sqrt': {
        if (!this.#take(/^\[/)) return this.#call('sqrt', this.#argument());
        const degree = this.#closed(/^\]/, () => this.#sum());
        return this.#call('root', this.#argument(), degree);
      }
      case 'pi':
        return this.#name('pi');
      case 'infty':
        return this.#name('infinity');
      case 'lfloor':
        return this.#call(
          'floor',
          this.#closed(/^\\rfloor/, () => this.#sum()),
        );
      case 'lceil':
        return this.#call(
          'ceil',
          this.#closed(/^\\rceil/, () => this.#sum()),
        );
      case 'langle': {
        const items = this.#closed(/^\\rangle/, () => this.list());
        return tuple(items);
      }
      case 'overline':
      case 'bar':
        return this.#call('conjugate', this.#argument());
      case 'mathbb': {
        const set = this.#take(/^\{?[A-Z]\}?/);
        if (!set) throw new NotMathematics();
        if (set.includes('R')) return realLine();
        return words(`mathbb ${set.replace(/[{}]/g, '')}`);
      }
      case 'text':
      case 'textbf':
      case 'textit':
      case 'textrm':
      case 'mathrm':
      case 'mbox': {
        const content = this.#take(/^\{[^{}]*\}/);
        if (!content) throw new NotMathematics();
        const text = content.slice(1, -1).trim();
        return /^[a-zA-Z]$/.test(text) ? this.#name(text) : words(text);
      }
      case 'begin':
        return this.#matrix();
      default:
        if (name !== undefined && functionNames.has(name)) return this.#function(name);
        throw new NotMathematics();
    }
  }

  #greek(name: string): Expression {
    const index = this.#take(/^_(?:\{[a-zA-Z0-9]{1,20}\}|[a-zA-Z0-9])/) ?? '';
    return this.#name(`\\${name}${index.replace(/[{}]/g, '')}`);
  }

  #function(name: string): Expression {
    const subscript = this.#take(/^_/) ? this.#argument() : null;
    let exponent: Expression | null = null;
    let inverse = false;
    if (this.#take(/^\^\s*\{?\s*-\s*1\s*\}?/)) inverse = true;
    else if (this.#take(/^\^/)) exponent = this.#argument();
    const operand = this.#nested(() => this.#operand());
    const applied =
      name === 'log' || name === 'lg'
        ? this.#call('log', operand, subscript ?? whole(10))
        : this.#call(inverse ? `arc${name}` : name, operand);
    return exponent ? this.#call('power', applied, exponent) : applied;
  }

  /** Of a function without brackets: \sin 2x is \sin(2x), \sin x \cos x is not. */
  #operand(): Expression {
    let operand = this.#take(/^-/) ? this.#call('negate', this.#power()) : this.#power();
    while (this.#peek(/^(?:[a-zA-Z\d]|\\pi(?![a-zA-Z]))/) && !this.#peek(plainWord)) {
      if (!this.#startsFactor()) break;
      operand = this.#call('multiply', operand, this.#power());
    }
    return operand;
  }

  /** In braces, in brackets, or one character: \frac12, \sqrt2, x^2. */
  #argument(): Expression {
    return this.#nested(() => {
      if (this.#take(/^\{/)) return this.#closed(/^\}/, () => this.list());
      const digit = this.#take(/^\d/);
      if (digit) return whole(Number(digit));
      if (this.#peek(/^[a-zA-Z]/) && !this.#peek(plainWord)) {
        return this.#variable(this.#rest()[0]!);
      }
      return this.#atom();
    });
  }

  #matrix(): Expression {
    const environment = this.#take(/^\{(?:[pbvBV]?matrix|array|smallmatrix)\}/);
    if (!environment) throw new NotMathematics();
    this.#take(/^\{[lcr|]+\}/);
    const rows: Expression[][] = [[]];
    while (!this.#take(/^\\end\s*\{[a-zA-Z]+\}/)) {
      if (this.#take(/^\\\\/)) {
        if (!this.#peek(/^\\end/)) rows.push([]);
        continue;
      }
      if (rows.at(-1)!.length > 0 && !this.#take(/^&/)) throw new NotMathematics();
      rows.at(-1)!.push(this.#sum());
    }
    return this.#made({ kind: 'matrix', rows });
  }

  #closed(end: RegExp, inside: () => Expression): Expression {
    const result = inside();
    if (!this.#take(end)) throw new NotMathematics();
    return result;
  }

  #call(operation: string, ...parts: Expression[]): Expression {
    return this.#made(call(operation, ...parts));
  }

  #name(name: string): Expression {
    return this.#made({ kind: 'name', name });
  }

  #made(expression: Expression): Expression {
    if (++this.#nodes > MOST_NODES) throw new NotMathematics();
    return expression;
  }

  #nested(parse: () => Expression): Expression {
    if (++this.#depth > DEEPEST) throw new NotMathematics();
    const result = parse();
    this.#depth--;
    return result;
  }

  #rest(): string {
    return this.#text.slice(this.#at);
  }

  #skip(): void {
    while (this.#text[this.#at] === ' ') this.#at++;
  }

  #peek(pattern: RegExp): boolean {
    this.#skip();
    return pattern.test(this.#rest());
  }

  #take(pattern: RegExp): string | null {
    this.#skip();
    const found = pattern.exec(this.#rest());
    if (!found) return null;
    this.#at += found[0].length;
    return found[0];
  }
}

function whole(value: number): Expression {
  return { kind: 'number', value: { top: BigInt(value), bottom: 1n }, decimals: 0 };
}

function words(text: string): Expression {
  return { kind: 'text', text: text.toLowerCase().replace(/\s+/g, ' ').trim() };
}

function tuple(inside: Expression): Expression {
  const items = inside.kind === 'list' ? inside.items : [inside];
  return { kind: 'tuple', items, open: '(', close: ')' };
}

function realLine(): Expression {
  const infinity: Expression = { kind: 'name', name: 'infinity' };
  return { kind: 'tuple', items: [call('negate', infinity), infinity], open: '(', close: ')' };
}
