"""KS and Wasserstein by SciPy on two files of little-endian doubles. Prints the seconds of each (values in memory already) and the figures."""
import json
import sys
import time

import numpy as np
from scipy import stats

a, b = (np.fromfile(path, dtype="<f8") for path in sys.argv[1:3])
stats.ks_2samp(a[:1000], b[:1000])
start = time.perf_counter()
ks = stats.ks_2samp(a, b)
middle = time.perf_counter()
wasserstein = stats.wasserstein_distance(a, b)
end = time.perf_counter()
print(json.dumps({"seconds": end - start, "ksSeconds": middle - start, "wassersteinSeconds": end - middle,
                  "ks": float(ks.statistic), "p": float(ks.pvalue), "wasserstein": float(wasserstein)}))
