/**
 * The Python program in the candidate's process. It loads the program under test and then does what
 * the judge asks, one line each: call a name, read or set an attribute, take some of an iterator.
 * It sees arguments only: no test, no expected value. Nothing it says is believed: the program under
 * test may rewrite all of this, and can then still only send values.
 * `receive()` and `send(text)` come from the engine that starts it.
 */
import { valueCodec } from './value-codec.ts';

export const candidateProgram = `${valueCodec}${String.raw`

def serve(receive=receive, send=send, encode=encode, decode=decode, json=json):
    import types
    kept = []
    # The interpreter runs without its site module, which has these.
    builtins.exit = builtins.quit = sys.exit

    def keep(value):
        for number, known in enumerate(kept):
            if known is value:
                return ['object', number, type(value).__name__]
        kept.append(value)
        return ['object', len(kept) - 1, type(value).__name__]

    def find(number, _kind):
        return kept[number]

    def describe(error):
        # The line of the candidate where it happened, if it happened there.
        line, trace = None, error.__traceback__
        while trace is not None:
            if trace.tb_frame.f_code.co_filename == '<candidate>':
                line = trace.tb_lineno
            trace = trace.tb_next
        if isinstance(error, SyntaxError):
            line = error.lineno
        try:
            text = str(error)[:400]
        except BaseException:
            text = ''
        return {'raised': [type(error).__name__, text, line, getattr(error, 'errno', None)]}

    module = types.ModuleType('candidate')
    sys.modules['candidate'] = module
    namespace = module.__dict__

    def look_up(name):
        if name not in namespace:
            raise NameError(f"name '{name}' is not defined")
        return namespace[name]

    def perform(request):
        action = request['do']
        if action == 'load':
            exec(compile(request['source'], '<candidate>', 'exec'), namespace)
            return None
        if action == 'name':
            return look_up(request['name'])
        if action == 'call':
            target = look_up(request['name']) if 'name' in request else kept[request['object']]
            arguments = [decode(node, find) for node in request['arguments']]
            named = {key: decode(node, find) for key, node in request['named'].items()}
            return target(*arguments, **named)
        target = kept[request['object']]
        if action == 'get':
            return getattr(target, request['name'])
        if action == 'set':
            return setattr(target, request['name'], decode(request['value'], find))
        if action == 'item':
            return target[decode(request['key'], find)]
        if action == 'length':
            return len(target)
        if action == 'iterate':
            return iter(target)
        # next: up to so many items, and whether the iterator has ended
        items = []
        for item in target:
            items.append(item)
            if len(items) == request['count']:
                return (items, False)
        return (items, True)

    while True:
        line = receive()
        if not line:
            return
        try:
            answer = {'value': encode(perform(json.loads(line)), keep)}
        except MemoryError as error:
            kept.clear()
            answer = describe(error)
        except BaseException as error:
            answer = describe(error)
        send(json.dumps(answer))


serve()
`}`;
