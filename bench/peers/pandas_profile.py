"""Profile and ten checks over flights that are in memory; prints the seconds without reading."""
import sys
import time

import pandas as pd

flights = pd.read_csv(sys.argv[1], parse_dates=["date"], date_format="ISO8601") if pd.__version__ >= "2" else pd.read_csv(
    sys.argv[1], parse_dates=["date"], infer_datetime_format=True)

start = time.perf_counter()
profile = {}
for name in flights.columns:
    column = flights[name]
    figures = {"nulls": column.isna().sum(), "distinct": column.nunique(), "top": column.value_counts().head(10)}
    if column.dtype != object:
        figures |= {"min": column.min(), "max": column.max(), "mean": column.mean(), "stddev": column.std(), "quantiles": column.quantile([0.05, 0.25, 0.5, 0.75, 0.95])}
    profile[name] = figures
checks = [
    len(flights), flights.delay.notna().mean(), flights.origin.notna().mean(), flights.distance.min(), flights.delay.max(), flights.delay.mean(), flights.distance.std(ddof=0),
    flights.origin.str.match("^[A-Z][A-Z][A-Z]$").mean(), flights.delay.quantile(0.95), flights.destination.nunique() / flights.destination.count(),
]
print(time.perf_counter() - start)
