/**
 * WebAssembly's own limit on memory: the program that Pyodide is says how far its memory may grow
 * (4 GiB), in section 5 of the file (core specification 5.5.8). A copy with a lower number cannot
 * get more from the browser, whatever runs in it.
 */
const memorySection = 5;
const pageBytes = 65536;

/** @returns {[number, number]} the unsigned LEB128 number at `at`, and where it ends */
function readNumber(bytes, at) {
  let value = 0;
  for (let shift = 0; shift < 35; shift += 7) {
    const byte = bytes[at++];
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return [value, at];
  }
  throw new Error('Not a WebAssembly module: a number does not end.');
}

/** In the same number of bytes as before, so that nothing else moves. */
function writeNumber(bytes, start, end, value) {
  for (let at = start; at < end; at += 1) {
    bytes[at] = (value & 0x7f) | (at < end - 1 ? 0x80 : 0);
    value = Math.floor(value / 128);
  }
}

/**
 * @param {Buffer} module
 * @param {number} limitBytes
 * @returns {Buffer} a copy whose only memory ends at `limitBytes`
 */
function limitMemory(module, limitBytes) {
  const bytes = Buffer.from(module);
  if (bytes.readUInt32BE(0) !== 0x0061736d) throw new Error('Not a WebAssembly module.');
  for (let at = 8; at < bytes.length;) {
    const kind = bytes[at];
    const [length, content] = readNumber(bytes, at + 1);
    if (kind !== memorySection) {
      at = content + length;
      continue;
    }
    const [count, flags] = readNumber(bytes, content);
    if (count !== 1 || bytes[flags] !== 1) throw new Error('Its memory has no limit to lower.');
    const [initial, start] = readNumber(bytes, flags + 1);
    const [maximum, end] = readNumber(bytes, start);
    const wanted = Math.max(initial, Math.floor(limitBytes / pageBytes));
    if (wanted < maximum) writeNumber(bytes, start, end, wanted);
    return bytes;
  }
  throw new Error('It has no memory of its own.');
}

module.exports = { limitMemory };
