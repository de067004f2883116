"""Distances that generate.py asks SciPy for: every metric, its weights and parameters, what SciPy refuses."""
import numpy as np

PLAIN = ("euclidean", "sqeuclidean", "cityblock", "chebyshev", "minkowski", "cosine", "correlation", "hamming", "jaccard",
         "canberra", "braycurtis", "seuclidean", "mahalanobis", "jensenshannon")
OF_BOOL = ("jaccard", "dice", "russellrao", "rogerstanimoto", "sokalsneath", "yule", "hamming")
UNWEIGHTED = ("seuclidean", "mahalanobis", "jensenshannon")


def rows(r, count, d, variant, metric):
    """Rows of numbers without rounding in their differences, or of bool."""
    if metric in OF_BOOL and (metric not in PLAIN or r.random() < 0.5):
        return np.array([r.random() < 0.4 for _ in range(count * d)], bool).reshape(count, d)
    low = 0 if metric == "jensenshannon" else -40
    x = np.array([r.randint(low, 40) / 8 for _ in range(count * d)]).reshape(count, d)
    if variant == "offset" and metric != "jensenshannon":  # where SciPy roots negative noise
        x += 1e4
    if variant == "special" and x.size and metric != "jensenshannon":
        x[r.randrange(count), r.randrange(d)] = r.choice([np.nan, np.inf, -np.inf])
    if variant == "zero_rows" and count:
        x[r.randrange(count)] = 0.0
    return x.astype("f4") if variant == "f32" else x


def arguments(r, metric, d, store):
    """What SciPy is told, and the same for the case."""
    args, shown = {}, {}
    if metric == "minkowski":
        args["p"] = shown["p"] = r.choice([0.5, 1, 1.5, 2, 3, 4, 7.25])
    if metric not in UNWEIGHTED and r.random() < 0.4:
        args["w"] = np.array([r.randint(0, 12) / 4 for _ in range(d + (r.random() < 0.03))])
        if d and r.random() < 0.05:
            args["w"][r.randrange(d)] = -1
    if metric == "seuclidean" and r.random() < 0.5:
        args["V"] = np.array([r.randint(1, 12) / 4 for _ in range(d)])
    if metric == "mahalanobis" and r.random() < 0.7:
        half = np.array([r.randint(-4, 4) / 4 for _ in range(d * d)]).reshape(d, d)
        args["VI"] = half @ half.T + np.eye(d)
    return args, shown | {key: store.reference(x) for key, x in args.items() if key != "p"}


def nearest(r, store):
    """Coordinates of few values, so that many distances are equal: the lower index first."""
    from scipy.spatial.distance import cdist

    n, m, d = r.randint(1, 9), r.randint(1, 60), r.randint(1, 20)
    x, y = (np.array([float(r.randint(0, 2)) for _ in range(count * d)]).reshape(count, d) for count in (n, m))
    k, metric = r.randint(1, m), r.choice(["sqeuclidean", "cityblock", "chebyshev"])
    all_distances = cdist(x, y, metric)
    indices = np.argsort(all_distances, axis=1, kind="stable")[:, :k]
    return {"kind": "knn", "metric": metric, "x": store.reference(x), "y": store.reference(y), "args": {"k": k},
            "indices": store.reference(indices), "rtol": 1e-10, "atol": 1e-12,
            "result": store.reference(np.take_along_axis(all_distances, indices, 1))}


def distances(r, store, answered):
    from scipy.spatial import distance

    if r.random() < 0.05:
        return nearest(r, store)
    metric = r.choice(PLAIN + OF_BOOL)
    variant = r.choice(["plain", "plain", "f32", "offset", "zero_rows", "special"])
    d = r.choice([1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 64, 65, 100])
    n, m = (r.choice([1, 2, 3, 5, 6, 7, 8, 12, 13, 16, 25, 33]) for _ in range(2))
    x = rows(r, n, d, variant, metric)
    args, shown = arguments(r, metric, d, store)
    # SciPy's Jensen-Shannon distances of nearly equal rows are noise; an inverse covariance loses what it loses.
    loose = metric == "mahalanobis" and "VI" not in args
    case = {"kind": "cdist", "metric": metric, "variant": variant, "x": store.reference(x), "args": shown,
            "rtol": 1e-6 if loose or variant == "offset" else 1e-10, "atol": 5e-8 if metric == "jensenshannon" else 1e-11}
    if r.random() < 0.15:
        case["kind"] = "pdist"

        def condensed():
            result = distance.pdist(x, metric, **args)
            return {"result": store.reference(result), "square": store.reference(distance.squareform(result))}

        return answered(case, condensed)
    y = rows(r, m, d if r.random() < 0.98 else d + 1, variant, metric)
    if x.shape[1] == y.shape[1] and r.random() < 0.3:
        y[r.randrange(m)] = x[r.randrange(n)]
    case["y"] = store.reference(y)
    return answered(case, lambda: {"result": store.reference(distance.cdist(x, y, metric, **args))})
