"""Writes metrics.json: every metric of the catalogue by scikit-learn 1.2.1 on random and on degenerate rows. Run: python3 golden.py"""
import json, math, warnings
import numpy as np
from sklearn import metrics as m
from sklearn.calibration import calibration_curve

warnings.simplefilter("ignore")
rng = np.random.default_rng(20260131)
cases = []


def ece(stated, came):
    bins = np.clip(np.ceil(np.asarray(stated) * 10 - 1e-12).astype(int) - 1, 0, 9)
    came, stated = np.asarray(came, float), np.asarray(stated)
    return float(sum((bins == b).sum() * abs(stated[bins == b].mean() - came[bins == b].mean()) for b in range(10) if (bins == b).any()) / len(stated))


def top_tenth(truth, scores):
    n = len(truth); k = math.ceil(n / 10); taken = 0.0; hits = 0.0
    for s in sorted(set(scores), reverse=True):
        tie = scores == s; c = tie.sum(); share = min(1.0, max(0.0, (k - taken) / c))
        hits += truth[tie].sum() * share; taken += c
        if taken >= k: break
    return hits / truth.sum(), hits / truth.sum() * n / k


def binary(name, truth, scores):
    t, p = np.asarray(truth, float), np.asarray(scores, float)
    y, both, answer = t > 0.5, len(set(t)) == 2, p > 0.5
    g = {}
    if both:
        g["auc"] = m.roc_auc_score(y, p)
        fpr, tpr, _ = m.roc_curve(y, p, drop_intermediate=False); g["ks"] = float(np.max(np.abs(tpr - fpr)))
    if y.any():
        g["pr-auc"] = m.average_precision_score(y, p)
        g["gain-10"], g["lift-10"] = top_tenth(t, p)
    g["log-loss"] = m.log_loss(y, p, labels=[False, True]); g["brier"] = float(np.mean((p - t) ** 2)); g["accuracy"] = m.accuracy_score(y, answer)
    g["precision"] = m.precision_score(y, answer, zero_division=0); g["recall"] = m.recall_score(y, answer, zero_division=0); g["f1"] = m.f1_score(y, answer, zero_division=0)
    g["f0.5"] = m.fbeta_score(y, answer, beta=0.5, zero_division=0); g["f2"] = m.fbeta_score(y, answer, beta=2, zero_division=0)
    g["balanced-accuracy"] = m.balanced_accuracy_score(y, answer); g["specificity"] = m.recall_score(~y, ~answer, zero_division=0)
    g["mcc"] = m.matthews_corrcoef(y, answer)
    k = m.cohen_kappa_score(y, answer)
    if math.isfinite(k): g["kappa"] = k
    g["ece"] = ece(p, y)
    cases.append({"name": name, "task": "binary", "truth": t.tolist(), "outputs": p.tolist(), "classes": 2, "metrics": {k: float(v) for k, v in g.items()},
                  "confusion": m.confusion_matrix(y, answer, labels=[False, True]).tolist(), "curve": [c.tolist() for c in calibration_curve(y, p, n_bins=10)][::-1]})


def multiclass(name, truth, probabilities):
    t, p = np.asarray(truth, int), np.asarray(probabilities, float)
    k = p.shape[1]; labels = list(range(k)); answer = p.argmax(1)
    g = {"accuracy": m.accuracy_score(t, answer), "log-loss": m.log_loss(t, p, labels=labels)}
    for a in ("macro", "micro", "weighted"):
        pr, re, f, _ = m.precision_recall_fscore_support(t, answer, labels=labels, average=a, zero_division=0)
        g[a + "-precision"], g[a + "-recall"], g[a + "-f1"] = pr, re, f
    g["balanced-accuracy"] = m.balanced_accuracy_score(t, answer); g["mcc"] = m.matthews_corrcoef(t, answer)
    kappa = m.cohen_kappa_score(t, answer)
    if math.isfinite(kappa): g["kappa"] = kappa
    if set(t) == set(labels): g["auc-ovr"] = m.roc_auc_score(t, p, multi_class="ovr", average="macro")
    for top in (2, 3, 5):
        if k > top: g[f"top-{top}-accuracy"] = m.top_k_accuracy_score(t, p, k=top, labels=labels)
    g["brier"] = float(np.mean(((p - np.eye(k)[t]) ** 2).sum(1))); g["ece"] = ece(p.max(1), answer == t)
    cases.append({"name": name, "task": "multiclass", "truth": t.astype(float).tolist(), "outputs": p.ravel().tolist(), "classes": k, "metrics": {k_: float(v) for k_, v in g.items()},
                  "confusion": m.confusion_matrix(t, answer, labels=labels).tolist()})


def regression(name, truth, answers):
    t, p = np.asarray(truth, float), np.asarray(answers, float)
    g = {"rmse": m.mean_squared_error(t, p, squared=False), "mae": m.mean_absolute_error(t, p), "mse": m.mean_squared_error(t, p), "median-ae": m.median_absolute_error(t, p), "max-error": m.max_error(t, p)}
    both = np.abs(t) + np.abs(p)
    g["smape"] = float(np.mean(np.divide(2 * np.abs(t - p), both, out=np.zeros_like(both), where=both != 0)))
    if len(set(t)) > 1: g["r2"], g["explained-variance"] = m.r2_score(t, p), m.explained_variance_score(t, p)
    if (t != 0).all(): g["mape"] = m.mean_absolute_percentage_error(t, p)
    if (t >= 0).all() and (p >= 0).all(): g["rmsle"] = math.sqrt(m.mean_squared_log_error(t, p))
    if (t >= 0).all() and (p > 0).all(): g["poisson-deviance"] = m.mean_poisson_deviance(t, p)
    cases.append({"name": name, "task": "regression", "truth": t.tolist(), "outputs": p.tolist(), "classes": 0, "metrics": {k: float(v) for k, v in g.items()}})


def shares(n, k, digits=None):
    p = rng.dirichlet(np.ones(k), n)
    return p if digits is None else np.round(p, digits) / np.round(p, digits).sum(1, keepdims=True)


for i, n in enumerate((7, 30, 83)):
    t = (rng.random(n) < (0.2, 0.5, 0.7)[i]).astype(float); t[:2] = 0, 1
    binary(f"random {n}", t, np.clip(rng.random(n) * 0.7 + t * 0.3, 0, 1)); binary(f"random with ties {n}", t, np.round(rng.random(n), 1))
t = np.array([0, 1, 1, 0, 1, 0, 0, 0, 1, 0, 1, 1.0])
binary("perfect", t, t); binary("perfectly wrong", t, 1 - t); binary("constant one half", t, np.full(12, 0.5)); binary("constant 0", t, np.zeros(12)); binary("constant 1", t, np.ones(12))
binary("one true row", np.eye(12)[3], rng.random(12)); binary("all true", np.ones(9), rng.random(9)); binary("all false", np.zeros(9), rng.random(9)); binary("one row", [1], [0.7])
binary("near the ends", t, np.where(t > 0, 1e-17, 1 - 1e-16)); binary("edges of bins", t, np.arange(12) / 11 // 0.1 / 10)
for k, n in ((3, 20), (4, 60), (7, 150)):
    t = rng.integers(0, k, n); t[:k] = range(k)
    multiclass(f"random {k} classes", t, shares(n, k))
multiclass("a class that does not occur", [0, 1, 0, 1, 1, 0, 0], shares(7, 3)); multiclass("one class", [2] * 6, shares(6, 3)); multiclass("perfect", [0, 1, 2, 1], np.eye(3)[[0, 1, 2, 1]]); multiclass("perfectly wrong", [0, 1, 2, 1], np.eye(3)[[1, 2, 0, 2]])
multiclass("always the same answer", [0, 1, 2, 2], np.tile([0.2, 0.5, 0.3], (4, 1)))
for n in (2, 25, 90):
    t = rng.normal(10, 4, n); regression(f"random {n}", t, t + rng.normal(0.5, 2, n))
regression("nothing negative", rng.gamma(2, 3, 30), rng.gamma(2, 3, 30)); regression("counts", rng.poisson(2, 40), rng.gamma(2, 1, 40)); regression("perfect", [1, 2, 3], [1, 2, 3]); regression("constant truth", [5, 5, 5], [4, 5, 7])
regression("constant answer", [1, 2, 3, 7], [3, 3, 3, 3]); regression("zeros", [0, 0, 0], [0, 0, 0]); regression("one row", [3], [5]); regression("large beside small", [1e9, 1e-9, -1e9, 3], [1e9 + 1, 0, -1e9, 2])
json.dump(cases, open("metrics.json", "w"), separators=(",", ":"))
