/**
 * How values cross between the candidate's process and the judge's: as JSON that names plain Python
 * types and nothing else. The judge builds exact built-in values from it, so an answer is compared
 * by what it contains; an object with an `__eq__` of its own arrives as a mere number. Python
 * source, in both programs. Subclasses (named tuples, IntEnum) travel as the type beneath.
 */
export const valueCodec = String.raw`
import builtins, json, sys

DATA_TYPES = (bool, int, float, complex, str, bytes, bytearray, list, tuple, set, frozenset, dict,
              range, object, type(None))
TYPE_NAMES = {kind: kind.__name__ for kind in DATA_TYPES}
SEQUENCES = {'list': list, 'tuple': tuple, 'set': set, 'frozenset': frozenset}
BASES = (int, float, str, bytes, bytearray, list, tuple, set, frozenset, dict)
AS_TEXT = (('decimal', 'Decimal', str), ('fractions', 'Fraction', str),
           ('datetime', 'datetime', lambda value: value.isoformat()),
           ('datetime', 'date', lambda value: value.isoformat()),
           ('datetime', 'time', lambda value: value.isoformat()))
MAPPINGS = ('OrderedDict', 'Counter')


def encode(value, keep):
    """Plain data as JSON-ready lists; anything else as keep(value) says."""
    kind = type(value)
    if value is None or kind in (bool, str, float):
        return value
    if kind is int:
        # Digits of long numbers are refused by int() and str(); hexadecimal ones are not.
        return value if -(2 ** 63) < value < 2 ** 63 else ['int', hex(value)]
    name = TYPE_NAMES.get(kind)
    if name in SEQUENCES:
        return [name, [encode(item, keep) for item in value]]
    if kind is dict:
        return ['dict', [[encode(key, keep), encode(item, keep)] for key, item in value.items()]]
    if kind is complex:
        return ['complex', value.real, value.imag]
    if kind in (bytes, bytearray):
        return [name, value.hex()]
    if kind is range:
        return ['range', value.start, value.stop, value.step]
    if isinstance(value, type) and value in TYPE_NAMES:
        return ['type', TYPE_NAMES[value]]
    collections = sys.modules.get('collections')
    if collections is not None:
        for mapping in MAPPINGS:
            if kind is getattr(collections, mapping):
                return [mapping, encode(dict(value), keep)[1]]
        if kind is collections.deque:
            return ['deque', encode(list(value), keep)[1]]
    for module, known, text in AS_TEXT:
        if module in sys.modules and kind is getattr(sys.modules[module], known):
            return [known, text(value)]
    for base in BASES:
        if isinstance(value, base):
            return encode(base(value), keep)
    return keep(value)


def decode(node, find):
    """The value that encode() wrote; find(number, type name) for what is not plain data."""
    if not isinstance(node, list):
        if node is None or type(node) in (bool, int, float, str):
            return node
        raise ValueError('not a value')
    tag = node[0]
    if tag in SEQUENCES:
        return SEQUENCES[tag]([decode(item, find) for item in node[1]])
    if tag == 'dict':
        return {decode(key, find): decode(item, find) for key, item in node[1]}
    if tag == 'int':
        return int(node[1], 16)
    if tag == 'complex':
        return complex(node[1], node[2])
    if tag == 'bytes':
        return bytes.fromhex(node[1])
    if tag == 'bytearray':
        return bytearray.fromhex(node[1])
    if tag == 'range':
        return range(node[1], node[2], node[3])
    if tag == 'type':
        return next(kind for kind, name in TYPE_NAMES.items() if name == node[1])
    if tag in MAPPINGS:
        import collections
        return getattr(collections, tag)(decode(['dict', node[1]], find))
    if tag == 'deque':
        import collections
        return collections.deque(decode(['list', node[1]], find))
    if tag in ('Decimal', 'Fraction'):
        import decimal, fractions
        return (decimal.Decimal if tag == 'Decimal' else fractions.Fraction)(node[1])
    if tag in ('datetime', 'date', 'time'):
        import datetime
        return getattr(datetime, tag).fromisoformat(node[1])
    if tag == 'object':
        return find(int(node[1]), str(node[2]))
    raise ValueError('not a value')
`;
