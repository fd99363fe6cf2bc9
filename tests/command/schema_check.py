"""schema_check.py SCHEMA NAME...: holds answers of cordon, one JSON object a line of standard input, against a schema.

Of each kind of object in them it also asks whether the schema would notice one member more or one less: a member that
nobody has described must fail. NAME... are members that have to be seen somewhere, so that what is rare is not
forgotten. Without NAME the answers are held against the schema, no more. Prints what is wrong; exit status 0 if nothing
is."""
import json
import sys

import jsonschema

schema = json.load(open(sys.argv[1], encoding="utf-8"))
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)
names = sys.argv[2:]
optional = {"region_is_whole", "open_for_is_whole", "trace_is_whole", "rewritings", "replies", "bound_to", "but", "fix",
            "before/reaches", "after/reaches"}
boxes = ("region", "blocked", "open_for")
wrong = []
asked = set()
seen = set()


def objects(value, path=(), kind=()):
    """Each object below a value, with the way to it, and that way without numbers."""
    if isinstance(value, dict):
        yield value, path, kind
        for name, one in value.items():
            yield from objects(one, path + (name,), kind + (name,))
    elif isinstance(value, list):
        for i, one in enumerate(value):
            yield from objects(one, path + (i,), kind)


def changed(value, path, new):
    """The answer with a new object at the end of the way, and without most others beside the way, for speed."""
    if not path:
        return new
    if isinstance(value, list):
        if len(value) < 3 or not isinstance(value[0], dict):
            return [changed(one, path[1:], new) if i == path[0] else one for i, one in enumerate(value)]
        return [changed(value[path[0]], path[1:], new), value[0], value[-1]]
    return {name: changed(one, path[1:], new) if name == path[0] else
            one[:2] if isinstance(one, list) else one for name, one in value.items()}


def ask(answer, value, path, kind):
    """Whether one member more, or one less, is noticed."""
    what = "/".join(kind) or "the answer"
    if not validator.is_valid(changed(answer, path, value)):
        wrong.append(f"{what} cannot be asked alone")
    if validator.is_valid(changed(answer, path, {**value, "undocumented": 1})):
        wrong.append(f"one more member of {what} is not noticed")
    if kind[-1:] and kind[-1] in boxes:
        return  # whatever a box lacks is any
    for name in value:
        if {name, "/".join(kind[-1:] + (name,))} & optional:
            continue
        if validator.is_valid(changed(answer, path, {other: one for other, one in value.items() if other != name})):
            wrong.append(f"{name} missing in {what} is not noticed")


lines = 0
for line in sys.stdin.buffer.read().decode("utf-8").splitlines():
    lines += 1
    answer = json.loads(line)
    for error in validator.iter_errors(answer):
        wrong.append(f"{'/'.join(map(str, error.absolute_path))}: {error.message[:300]}")
    for value, path, kind in objects(answer):
        seen.update(value)
        shape = (kind, frozenset(value) if kind[-1:] and kind[-1] not in boxes else "")
        if names and shape not in asked and not wrong:
            asked.add(shape)
            ask(answer, value, path, kind)
if lines == 0:
    wrong.append("there is no answer")
for name in names:
    if name not in seen:
        wrong.append(f"no answer has the member {name}: nothing here tells whether it is described")
print("\n".join(wrong[:20]))
sys.exit(bool(wrong))
