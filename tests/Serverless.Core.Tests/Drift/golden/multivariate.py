"""Reference values of MmdTests and ClassifierTests: NumPy 1.24 (every relabelling, not a sample), scikit-learn 1.2 (boosted trees of the same size, cross-fitted on two halves)."""
import itertools
import numpy as np
def uniform(seed,n):
    i=np.arange(1,n+1,dtype=np.uint64)
    with np.errstate(over='ignore'):
        z=np.uint64(seed)+i*np.uint64(0x9E3779B97F4A7C15)
        z=(z^(z>>np.uint64(30)))*np.uint64(0xBF58476D1CE4E5B9)
        z=(z^(z>>np.uint64(27)))*np.uint64(0x94D049BB133111EB)
    return ((z^(z>>np.uint64(31)))>>np.uint64(11)).astype(np.float64)*(1.0/(1<<53))
def mmd_exact(x,y):
    p=np.concatenate([x,y])[:,None]; d=(p-p.T)**2; n=len(p); m=len(x)
    med=np.sort(d[np.tril_indices(n,-1)]); med=med[len(med)//2]
    k=np.exp(-d/med)  # 2 sigma^2 = median
    def stat(idx):
        l=np.zeros(n); l[list(idx)]=1
        a=l@k@l; b=(1-l)@k@(1-l); c=l@k@(1-l)
        return (a-m)/(m*(m-1))+(b-(n-m))/((n-m)*(n-m-1))-2*c/(m*(n-m))
    s0=stat(range(m)); all_=[stat(c) for c in itertools.combinations(range(n),m)]
    return s0, np.mean([s>=s0-1e-12 for s in all_]), np.sqrt(med/2), len(all_)
for sh in (0.,.6,1.):
    x=uniform(11,7); y=uniform(23,8)+sh
    print('mmd',sh,mmd_exact(x,y))
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
n=2000
for w in (0.,.3,.5,.8):
    rx,ry=uniform(101,n),uniform(102,n); cx=uniform(103,n); cy=w*cx+(1-w)*uniform(104,n)
    if w==0: cy=uniform(104,n)
    X=np.r_[np.c_[rx,ry],np.c_[cx,cy]]; t=np.r_[np.zeros(n),np.ones(n)]
    h=np.r_[np.arange(n)%2,np.arange(n)%2]
    a=[]
    for half in (0,1):
        m=HistGradientBoostingClassifier(max_iter=40,max_depth=3,learning_rate=.2,l2_regularization=1,max_leaf_nodes=None,min_samples_leaf=8,early_stopping=False).fit(X[h!=half],t[h!=half])
        a.append(roc_auc_score(t[h==half],m.predict_proba(X[h==half])[:,1]))
    print('auc',w,np.mean(a),a)
