/**
 * The Python program in the judge's process: it runs the data set's own test, in which the function
 * under test is a stand-in that asks the candidate's process and gets plain data back. Comparison
 * thus happens where the candidate's code has never been. What is not plain data stays over there
 * and is a `Remote` here: equal to itself alone. Arguments go over by value: what the candidate does
 * to a list it was given is not seen by the test (the reference's in-process harness would).
 * A line beginning with C is for the candidate, one with V is the verdict.
 */
import { valueCodec } from './value-codec.ts';

export const judgeProgram = `${valueCodec}${String.raw`
import ast


class CandidateError(Exception):
    """Raised over there with a type that does not exist here."""


class Unreadable(Exception):
    """What came back is not an answer."""


state = {'calls': 0, 'raised': None, 'fault': None, 'last': None}


def ask(**request):
    send('C' + json.dumps(request))
    return read(receive())


def read(line):
    try:
        answer = json.loads(line)
        if 'value' in answer:
            value = decode(answer['value'], Remote)
            state['last'] = value
            return value
        kind, text, at, number = answer['raised']
        kind, text = str(kind)[:100], str(text)[:400]
    except Exception as error:
        state['raised'] = Unreadable(type(error).__name__)
        raise state['raised'] from None
    state['fault'] = (kind, text, at if type(at) is int else None, number)
    local = getattr(builtins, kind, None)
    if not (isinstance(local, type) and issubclass(local, Exception)):
        local = CandidateError
    try:
        error = local(text)
    except Exception:
        error = CandidateError(text)
    state['raised'] = error
    raise error from None


def pack(value):
    def keep(other):
        if type(other) is Remote:
            return ['object', object.__getattribute__(other, 'number'), '']
        raise TypeError(f'a {type(other).__name__} cannot be handed to the candidate')
    return encode(value, keep)


def call(target, arguments, named):
    state['calls'] += 1
    packed = [pack(item) for item in arguments]
    return ask(do='call', arguments=packed, named={k: pack(v) for k, v in named.items()}, **target)


class Remote:
    """Something in the candidate's process that is not plain data."""

    def __init__(self, number, kind):
        object.__setattr__(self, 'number', number)
        object.__setattr__(self, 'kind', kind[:80])

    def __getattr__(self, name):
        if name.startswith('__'):
            raise AttributeError(name)
        return ask(do='get', object=object.__getattribute__(self, 'number'), name=name)

    def __setattr__(self, name, value):
        ask(do='set', object=object.__getattribute__(self, 'number'), name=name, value=pack(value))

    def __call__(self, *arguments, **named):
        return call({'object': object.__getattribute__(self, 'number')}, arguments, named)

    def __getitem__(self, key):
        return ask(do='item', object=object.__getattribute__(self, 'number'), key=pack(key))

    def __len__(self):
        return ask(do='length', object=object.__getattribute__(self, 'number'))

    def __bool__(self):
        return True

    def __iter__(self):
        iterator = ask(do='iterate', object=object.__getattribute__(self, 'number'))
        ended = False
        while not ended:
            number = object.__getattribute__(iterator, 'number')
            items, ended = ask(do='next', object=number, count=1000)
            yield from items

    def __eq__(self, other):
        if type(other) is not Remote:
            return False
        here, there = (object.__getattribute__(one, 'number') for one in (self, other))
        return here == there

    def __hash__(self):
        return hash(object.__getattribute__(self, 'number'))

    def __repr__(self):
        return f"<{object.__getattribute__(self, 'kind')} of the candidate>"


def stand_in(name):
    def candidate(*arguments, **named):
        return call({'name': name}, arguments, named)
    candidate.__name__ = name
    return candidate


def free_names(tree):
    """Names that are used and never bound: 'called' where they are called, else 'read'."""
    used, bound = {}, set()
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            if isinstance(node.ctx, ast.Load):
                if used.get(node.id) != 'called':
                    used[node.id] = 'called' if id(node) in called else 'read'
            else:
                bound.add(node.id)
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            bound.add(node.name)
        elif isinstance(node, ast.arg):
            bound.add(node.arg)
        elif isinstance(node, ast.alias):
            bound.add((node.asname or node.name).split('.')[0])
        elif isinstance(node, ast.ExceptHandler) and node.name:
            bound.add(node.name)
    return {name: how for name, how in used.items() if name not in bound}


def first_call(tree):
    """The name first called in the assertions, outermost first: what MBPP tests."""
    for statement in tree.body:
        if isinstance(statement, ast.Assert):
            for node in ast.walk(statement.test):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                    return node.func.id
    return None


def bind(namespace, trees, entry_point):
    names = {}
    for tree in trees:
        names.update(free_names(tree))
    names = {name: how for name, how in names.items() if not hasattr(builtins, name)}
    if entry_point is None and 'called' not in names.values():
        # The function under test has a built-in's name (MBPP's sum).
        entry_point = first_call(trees[-1])
    modules = getattr(sys, 'stdlib_module_names', sys.builtin_module_names)
    for name, how in names.items():
        if how == 'read' and name in modules:
            namespace[name] = __import__(name)
        elif how == 'called':
            namespace[name] = stand_in(name)
        else:
            namespace[name] = LateName(name)
    return entry_point


class LateName:
    """A name of the candidate's that the test reads without calling it."""

    def __init__(self, name):
        object.__setattr__(self, 'name', name)

    def __getattr__(self, attribute):
        if attribute.startswith('__'):
            raise AttributeError(attribute)
        return getattr(ask(do='name', name=object.__getattribute__(self, 'name')), attribute)


def short(value, length=160):
    try:
        text = repr(value)
    except Exception:
        text = f'a {type(value).__name__}'
    return text if len(text) <= length else text[:length] + '...'


def where(error, sources):
    """The line of the test at which it stopped."""
    line, trace = None, error.__traceback__
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename
        if name in sources:
            lines = sources[name].splitlines()
            at = trace.tb_lineno - 1
            line = lines[at].strip() if 0 <= at < len(lines) else None
        trace = trace.tb_next
    return (line or 'the test')[:240]


def fault_verdict():
    if isinstance(state['raised'], Unreadable):
        return 'error', 'what came back from the program was not an answer'
    kind, text, at, number = state['fault']
    place = '' if at is None else f' (line {at})'
    detail = f'{kind}: {text}{place}' if text else f'{kind}{place}'
    if kind == 'MemoryError':
        return 'memory', detail
    if number == 11 or "can't start new thread" in text:
        return 'process-limit', detail
    if kind in ('SystemExit', 'KeyboardInterrupt', 'GeneratorExit'):
        return 'exited', detail
    return 'error', detail


def judge(item):
    sources = {'<setup>': item['setup'], '<test>': item['test']}
    try:
        read(item['loaded'])
    except Exception:
        return fault_verdict()
    try:
        trees = [ast.parse(source, name) for name, source in sources.items()]
    except (SyntaxError, ValueError, RecursionError) as error:
        return 'invalid-test', f'the test is not valid Python: {error}'
    namespace = {'__name__': 'test'}
    entry_point = item['entryPoint']
    try:
        entry_point = bind(namespace, trees, entry_point)
        if item['kind'] == 'mbpp' and entry_point is not None:
            namespace[entry_point] = stand_in(entry_point)
        exec(compile(trees[0], '<setup>', 'exec'), namespace)
        if entry_point is not None:
            namespace[entry_point] = stand_in(entry_point)
        exec(compile(trees[1], '<test>', 'exec'), namespace)
        if item['kind'] == 'humaneval':
            check = namespace.get('check')
            if check is None or entry_point is None:
                return 'invalid-test', 'the test defines no check(candidate), or names no function'
            check(namespace[entry_point])
    except BaseException as error:
        if error is state['raised']:
            return fault_verdict()
        if isinstance(error, AssertionError):
            return 'failed', f"{where(error, sources)}; the last answer was {short(state['last'])}"
        if state['calls'] == 0 or not isinstance(error, Exception):
            return 'invalid-test', f'the test itself failed: {type(error).__name__}: {error}'
        place = where(error, sources)
        return 'failed', f'{place}: the answer was of no use: {type(error).__name__}: {error}'
    if state['calls'] == 0:
        return 'invalid-test', 'the test never called the function under test'
    return 'passed', ''


verdict, detail = judge(json.loads(receive()))
send('V' + json.dumps({'verdict': verdict, 'detail': detail[:1000]}))
`}`;
