"""Batch scoring as one writes it with pandas and scikit-learn: `train CSV PICKLE` once, then `score PICKLE CSV CSV`, which prints the seconds from opening the rows to the closed file of answers."""
import pickle
import sys
import time

import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.preprocessing import OrdinalEncoder


def features(rows, encoder):
    frame = pd.DataFrame({"hour": rows.date.dt.hour, "weekday": rows.date.dt.dayofweek, "distance": rows.distance})
    frame[["origin", "destination"]] = encoder.transform(rows[["origin", "destination"]])
    return frame.to_numpy(dtype="float64")


def read(path):
    return pd.read_csv(path, parse_dates=["date"], infer_datetime_format=True)


if sys.argv[1] == "train":
    rows = read(sys.argv[2])
    encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=float("nan"))
    encoder.fit(rows[["origin", "destination"]])
    # Its categories are limited to 255; there are fewer airports than that.
    model = HistGradientBoostingClassifier(max_iter=100, max_leaf_nodes=31, early_stopping=False, categorical_features=[3, 4], random_state=42)
    model.fit(features(rows, encoder), rows.delay > 15)
    with open(sys.argv[3], "wb") as file:
        pickle.dump((encoder, model), file)
else:
    with open(sys.argv[2], "rb") as file:
        encoder, model = pickle.load(file)
    start = time.perf_counter()
    rows = read(sys.argv[3])
    score = model.predict_proba(features(rows, encoder))[:, 1]
    rows["prediction"] = score > 0.5
    rows["score"] = score
    rows.to_csv(sys.argv[4], index=False)
    print(time.perf_counter() - start)
