/**
 * The page in which Pyodide runs a program, as hostile as it likes: it may rewrite all of this. What
 * keeps it in is the renderer's sandbox, a policy that lets nothing load, and a preload script out of
 * its reach, which offers one function: exchange(kind, text), answered by the process outside.
 */
const { exchange } = window.code;

const preamble = `
import js, sys
def receive(ask=js.code.exchange):
    return ask('receive', '')
def send(text, tell=js.code.exchange):
    tell('send', text)
send('ready')
`;

let printed = 0;
const print = {
  write(bytes) {
    printed += bytes.length;
    if (printed > limits.outputBytes) exchange('ended', JSON.stringify({ kind: 'output-limit' }));
    return bytes.length;
  },
};

/** One character for each byte. */
function asText(bytes) {
  const parts = [];
  for (let at = 0; at < bytes.length; at += 32768) {
    parts.push(String.fromCharCode(...bytes.subarray(at, at + 32768)));
  }
  return parts.join('');
}

const limits = JSON.parse(exchange('limits', ''));
let ending = { kind: 'exited', code: 0 };
try {
  const { loadPyodide } = await import('./pyodide.mjs');
  const snapshot = await fetch('snapshot.bin');
  const python = await loadPyodide({
    indexURL: new URL('.', location.href).href,
    env: { HOME: '/', PYTHONHASHSEED: '0' },
    ...(snapshot.ok
      ? { _loadSnapshot: new Uint8Array(await snapshot.arrayBuffer()) }
      : { _makeSnapshot: true }),
  });
  // The first window runs no program: it leaves the started interpreter for those that follow.
  if (!snapshot.ok) exchange('snapshot', asText(python.makeMemorySnapshot()));
  python.setStdin({ stdin: () => null });
  python.setStdout(print);
  python.setStderr(print);
  // From here on nothing loads any more; the program comes as text.
  const policy = document.createElement('meta');
  policy.httpEquiv = 'Content-Security-Policy';
  policy.content = "default-src 'none'; script-src 'wasm-unsafe-eval'";
  document.head.append(policy);
  python.runPython(preamble + exchange('program', ''));
} catch (error) {
  const trap = error instanceof WebAssembly.RuntimeError || error instanceof RangeError;
  if (error.name === 'Exit') ending = { kind: 'exited', code: error.status };
  else if (trap || error.pyodide_fatal_error) ending = { kind: 'signal', name: `a ${error.name}` };
  else ending = { kind: 'exited', code: 1 };
  exchange('said', String(error).slice(-2000));
}
exchange('ended', JSON.stringify(ending));
