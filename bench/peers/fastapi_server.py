"""The usual Python way, tuned: FastAPI on uvicorn, scikit-learn's histogram gradient boosting of 100 trees x 31 leaves, no DataFrame, no model of the body.
Run with /usr/bin/python3 (Debian: python3-fastapi python3-uvicorn python3-sklearn python3-pandas): fastapi_server.py DROPS MODEL PORT"""
import glob
import os
import pickle
import sys
from datetime import datetime

import numpy as np
import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import Response

drops, kept, port = sys.argv[1], sys.argv[2], int(sys.argv[3])


def train():
    import pandas as pd
    from sklearn.ensemble import HistGradientBoostingClassifier

    rows = pd.concat(pd.read_csv(f) for f in sorted(glob.glob(os.path.join(drops, "*.csv.gz")))).dropna(subset=["delay"])
    date = pd.to_datetime(rows["date"], errors="coerce")
    origins = {v: i for i, v in enumerate(sorted(rows["origin"].unique())[:255])}
    destinations = {v: i for i, v in enumerate(sorted(rows["destination"].unique())[:255])}
    x = np.column_stack([date.dt.hour, date.dt.dayofweek, rows["distance"], rows["origin"].map(origins), rows["destination"].map(destinations)]).astype(float)
    model = HistGradientBoostingClassifier(max_iter=100, max_leaf_nodes=31, categorical_features=[3, 4], early_stopping=False, random_state=42)
    model.fit(x, rows["delay"] > 15)
    return model, origins, destinations


if not os.path.exists(kept):
    with open(kept + ".part", "wb") as f:
        pickle.dump(train(), f)
    os.replace(kept + ".part", kept)

with open(kept, "rb") as f:
    model, origins, destinations = pickle.load(f)

import json  # noqa: E402

app = FastAPI(openapi_url=None)


@app.post("/v1/models/{name}/predict")
async def predict(name: str, request: Request):
    rows = json.loads(await request.body())["rows"]
    x = np.empty((len(rows), 5))
    for i, row in enumerate(rows):
        date = datetime.fromisoformat(row["date"].replace("Z", "+00:00"))
        x[i] = (date.hour, date.weekday(), row["distance"], origins.get(row["origin"], np.nan), destinations.get(row["destination"], np.nan))
    p = model.predict_proba(x)[:, 1]
    answer = {"model": name, "predictions": [{"prediction": bool(v > 0.5), "probability": float(v), "score": float(v)} for v in p]}
    return Response(json.dumps(answer), media_type="application/json")


uvicorn.run(app, host="127.0.0.1", port=port, access_log=False, log_level="warning", workers=1)
