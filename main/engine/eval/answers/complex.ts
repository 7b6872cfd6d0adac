/** Complex numbers in double precision: principal branches, as in every textbook. */
export interface Complex {
  re: number;
  im: number;
}

export const notANumber: Complex = { re: NaN, im: NaN };

export function real(re: number): Complex {
  return { re, im: 0 };
}

export function add(a: Complex, b: Complex): Complex {
  return { re: a.re + b.re, im: a.im + b.im };
}

export function subtract(a: Complex, b: Complex): Complex {
  return { re: a.re - b.re, im: a.im - b.im };
}

/** Reals are kept apart: (inf + 0i)(2 + 0i) would be NaN. */
export function multiply(a: Complex, b: Complex): Complex {
  if (a.im === 0 && b.im === 0) return real(a.re * b.re);
  return { re: a.re * b.re - a.im * b.im, im: a.re * b.im + a.im * b.re };
}

export function divide(a: Complex, b: Complex): Complex {
  if (b.im === 0) return { re: a.re / b.re, im: a.im === 0 ? 0 : a.im / b.re };
  const square = b.re * b.re + b.im * b.im;
  const product = multiply(a, { re: b.re, im: -b.im });
  return { re: product.re / square, im: product.im / square };
}

export function exponential({ re, im }: Complex): Complex {
  const size = Math.exp(re);
  return im === 0 ? real(size) : { re: size * Math.cos(im), im: size * Math.sin(im) };
}

export function logarithm(a: Complex): Complex {
  return { re: Math.log(Math.hypot(a.re, a.im)), im: Math.atan2(a.im, a.re) };
}

export function power(base: Complex, exponent: Complex): Complex {
  if (base.im === 0 && exponent.im === 0) {
    const direct = base.re ** exponent.re;
    if (!Number.isNaN(direct)) return real(direct);
  }
  if (exponent.im === 0 && Number.isInteger(exponent.re) && Math.abs(exponent.re) <= 64) {
    let product = real(1);
    for (let step = 0; step < Math.abs(exponent.re); step++) product = multiply(product, base);
    return exponent.re < 0 ? divide(real(1), product) : product;
  }
  if (base.re === 0 && base.im === 0) return exponent.re > 0 ? real(0) : notANumber;
  return exponential(multiply(exponent, logarithm(base)));
}

/** The root with the positive real part; of a negative number a positive multiple of i. */
export function squareRoot(a: Complex): Complex {
  if (a.im === 0) return a.re >= 0 ? real(Math.sqrt(a.re)) : { re: 0, im: Math.sqrt(-a.re) };
  const size = Math.hypot(a.re, a.im);
  const re = Math.sqrt((size + a.re) / 2);
  return { re, im: Math.sign(a.im) * Math.sqrt((size - a.re) / 2) };
}
