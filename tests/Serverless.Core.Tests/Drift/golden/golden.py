"""Golden values for GoldenTests.cs: SciPy 1.10.1, NumPy 1.24.2. Run it with no argument; it writes beside itself."""
import os, json, math
import numpy as np
from scipy import stats
from scipy.spatial import distance
here = os.path.dirname(os.path.abspath(__file__))
def uniform(seed,n):
    i=np.arange(1,n+1,dtype=np.uint64)
    with np.errstate(over='ignore'):
        z=np.uint64(seed)+i*np.uint64(0x9E3779B97F4A7C15)
        z=(z^(z>>np.uint64(30)))*np.uint64(0xBF58476D1CE4E5B9)
        z=(z^(z>>np.uint64(27)))*np.uint64(0x94D049BB133111EB)
    return ((z^(z>>np.uint64(31)))>>np.uint64(11)).astype(np.float64)*(1.0/(1<<53))
def make(kind,seed,n,shift):
    u=uniform(seed,n)
    if kind=='real': return u*u+shift
    if kind=='ties': return np.floor(u*10)+np.floor(shift*10)
    if kind=='ints': return np.floor(u*u*3000)+np.floor(shift*1000)
    if kind=='wide': return (u-0.5)*1e6+shift*1e6
rows=[]
cases=[('real',20,20,.1),('real',8,13,.2),('ties',15,20,.1),('ties',100,80,.1),('real',1,7,.3),('real',1,1000,.9),('real',2,2000,.0),('real',100,100,.05),('real',120,77,.1),('real',400,250,.03),
('ints',1000,1000,.02),('ints',999,1000,.005),('wide',500,3000,.01),('real',10000,10000,.004),('real',10000,9999,.003),('real',9000,10000,.002),('real',20000,15000,.002),('ints',100000,70000,.001),
('real',3,5,.5),('ties',10,10,0.),('real',1500000,1500000,.0004),('ints',1500000,1500000,.0001),('real',1500000,1,.2)]
import warnings
for k,(kind,n,m,s) in enumerate(cases):
    a=make(kind,1000+k,n,0.); b=make(kind,5000+k,m,s)
    r=dict(kind=kind,n=n,m=m,shift=s,seed1=1000+k,seed2=5000+k)
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        ks=stats.ks_2samp(a,b); r['ks']=ks.statistic; r['ksAuto']=ks.pvalue
        r['ksAsymptotic']=stats.ks_2samp(a,b,method='asymp').pvalue
        r['wasserstein']=stats.wasserstein_distance(a,b); r['energy']=stats.energy_distance(a,b)
        if n>1 and m>1:
            c=stats.cramervonmises_2samp(a,b); r['cvm']=float(c.statistic); r['cvmAuto']=float(c.pvalue)
            r['cvmAsymptotic']=float(stats.cramervonmises_2samp(a,b,method='asymptotic').pvalue)
    rows.append({k:(float(v) if isinstance(v,(np.floating,)) else v) for k,v in r.items()})
    print(rows[-1],flush=True)
json.dump(rows,open(here + '/two-samples.json','w'),indent=1)
# kstwo sf
g=[]
for n in [1,2,3,5,10,20,50,100,139,140,141,150,500,1000,5000,8192,8193,20000,100000,100001,750000,1000000]:
    for z in [.3,.45,.6,.8,1.0,1.3,1.47,1.6,2.0,2.5,3.5,5.0,9.0]:
        x=z/math.sqrt(n)
        if x<1: g.append([n,x,float(stats.kstwo.sf(x,n))])
json.dump(g,open(here + '/kolmogorov.json','w'))
h=[]
for df in [1,2,3,5,10,25,50,99,100,228,1000,5000]:
    for f in [.01,.3,.7,.95,1,1.05,1.3,2,5,18.7]:
        h.append([df,df*f,float(stats.chi2.sf(df*f,df))])
json.dump(h,open(here + '/chi-square.json','w'))
