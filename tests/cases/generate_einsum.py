"""Equations of einsum that generate.py makes: one to four operands, long axes among them, what NumPy refuses."""
import numpy as np

DTYPES = "?bBhHiIlLefdFD"
# Of the largest sum of absolute products. NumPy's halves are rounded again and again.
ROUNDING = {"e": 2e-2, "f": 1e-5, "F": 1e-5, "d": 1e-12, "D": 1e-12}
LETTERS = "abijkXZ"


def elements(r, code, shape):
    """Integers of the whole range, small numbers of the other kinds."""
    count = int(np.prod(shape))
    if code in "?bBhHiIlL":
        bits = np.frombuffer(r.randbytes(8 * count), "u8") if count else np.zeros(0, "u8")
        return (bits % 2 == 1 if code == "?" else bits.astype(code)).reshape(shape)
    small = np.array([r.randint(-8, 8) / 4 for _ in range(2 * count)])
    if code in "FD":
        return (small[:count] + 1j * small[count:]).astype(code).reshape(shape)
    return small[:count].astype(code).reshape(shape)


def labels_and_extents(r):
    """Labels of each operand, axes of an ellipsis as digits, and the extent of every label."""
    count = r.choice([1, 1, 2, 2, 2, 2, 3, 4])
    pool = r.sample(LETTERS, r.randint(1, 5))
    lengths = [1, 2, 3, 4, 5] if count > 2 or r.random() < 0.5 else [1, 3, 7, 8, 16, 17, 33, 64, 65, 130]
    extents = {label: 0 if r.random() < 0.02 else r.choice(lengths) for label in pool}
    extents |= {digit: r.choice([1, 2, 3]) for digit in "01"}
    terms = ["".join(r.choice(pool) for _ in range(r.randint(0, 3))) for _ in range(count)]
    if r.random() < 0.3:
        for i, term in enumerate(terms):
            if r.random() < 0.7:
                place = r.randint(0, len(term))
                terms[i] = term[:place] + "01"[r.randint(0, 2):] + term[place:]
    while np.prod([float(extents[label]) for label in set("".join(terms))]) > 300_000:
        label = r.choice("".join(terms))
        extents[label] = max(1, extents[label] // 4)
    return terms, extents


def shape_of(r, term, extents):
    """Some labels with extent 1 in this operand, rarely one that does not fit."""
    own = {label: 1 if r.random() < 0.06 else extents[label] for label in term}
    shape = [own[label] for label in term]
    if shape and r.random() < 0.03:
        shape[r.randrange(len(shape))] += r.choice([1, 2])
    return shape


def written(r, term):
    text = term.replace("01", "...").replace("0", "...").replace("1", "...")
    if "..." not in text and r.random() < 0.05:
        place = r.randint(0, len(text))
        text = text[:place] + "..." + text[place:]
    return text


def output_of(r, terms):
    used = sorted(set("".join(terms)))
    letters = [label for label in used if label.isalpha()]
    output = r.sample(letters, r.randint(0, min(4, len(letters))))
    if r.random() < 0.02:
        output += r.choice([["q"], output[:1]])
    digits = "".join(label for label in used if label.isdigit())
    text = "".join(output)
    if digits and r.random() > 0.03 or r.random() < 0.05:
        place = r.randint(0, len(text))
        text = text[:place] + "..." + text[place:]
    return text


def einsum(r, store, answered, arrays):
    terms, extents = labels_and_extents(r)
    codes = [r.choice(DTYPES) for _ in terms] if r.random() < 0.4 else [r.choice(DTYPES)] * len(terms)
    operands = [elements(r, code, shape_of(r, term, extents)) for code, term in zip(codes, terms)]
    layouts = [r.choice(arrays.LAYOUTS) for _ in operands]
    equation = ",".join(written(r, term) for term in terms)
    if r.random() < 0.7:
        equation += r.choice(["->", " -> "]) + output_of(r, terms)
    if r.random() < 0.02:
        equation = r.choice([equation + ",", equation + "->", equation[1:], equation + "1", equation.replace("...", "..")])
    laid_out = [arrays.laid_out(x, layout) for x, layout in zip(operands, layouts)]
    case = {"equation": equation, "operands": [store.reference(x) for x in operands], "layouts": layouts}

    def result():
        x = np.einsum(equation, *laid_out)
        return {"result": store.reference(x), "rtol": ROUNDING.get(x.dtype.char, 0)}

    return answered(case, result)
