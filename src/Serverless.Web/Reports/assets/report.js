// Draws the charts of a report. The tables and texts are in the page already; this only adds pictures to them.
const root = document.documentElement;
const data = JSON.parse(document.getElementById('data').textContent);
const places = [...document.querySelectorAll('.chart')];
const drawn = new Map();
const colour = name => getComputedStyle(root).getPropertyValue(`--${name}`).trim();
const number = v => v == null ? '–' : Math.abs(v) >= 1e5 || (v !== 0 && Math.abs(v) < 1e-3) ? v.toExponential(2) : (+v.toPrecision(5)).toLocaleString('en');
const share = v => v === 0 ? '0 %' : `${(100 * v).toFixed(v < .1 ? 1 : 0)} %`;
const text = s => String(s).replace(/[&<>"']/g, c => `&#${c.charCodeAt(0)};`);
const base = () => ({
  animation: false,
  aria: { enabled: true },
  // By name: labels are measured on a canvas, which knows no 'inherit'.
  textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: colour('quiet') },
  tooltip: { trigger: 'axis', confine: true, backgroundColor: colour('card'), borderColor: colour('line'), textStyle: { color: colour('ink'), fontSize: 12 } },
  grid: { left: 4, right: 8, top: 12, bottom: 2, containLabel: true },
});
const axis = extra => ({
  axisLine: { lineStyle: { color: colour('line') } }, axisTick: { show: false }, axisLabel: { color: colour('quiet'), fontSize: 11, hideOverlap: true, ...extra?.axisLabel },
  splitLine: { lineStyle: { color: colour('line'), opacity: .6 } },
});

// The last label of an axis of time stays within the picture.
const ends = { alignMinLabel: 'left', alignMaxLabel: 'right', showMinLabel: true, showMaxLabel: true };

function distribution(d) {
  const sides = d.reference ? [['reference', d.reference], ['current', d.current]] : [['current', d.current]];
  const labels = { ...axis({ axisLabel: d.ordered ? {} : { width: 110, overflow: 'truncate', interval: 0 } }), type: 'category', data: d.labels };
  const values = { ...axis({ axisLabel: { formatter: share } }), type: 'value', splitNumber: 3 };
  return {
    ...base(),
    tooltip: { ...base().tooltip, formatter: all => `<b>${text(all[0].axisValue)}</b><br>${all.map(p => `${p.marker}${p.seriesName}: ${share(p.value)}`).join('<br>')}` },
    xAxis: d.ordered ? labels : values,
    yAxis: d.ordered ? values : { ...labels, inverse: true },
    series: sides.map(([name, values], i) => ({
      name, type: 'bar', data: values, itemStyle: { color: colour(name), opacity: d.reference && d.ordered ? .62 : .9 },
      barGap: d.ordered ? '-100%' : '15%', barCategoryGap: d.ordered ? '4%' : '30%', z: 2 + i,
    })),
  };
}

function series(s) {
  const points = s.points, lower = points.map(p => p.lower), upper = points.map(p => p.upper);
  const values = points.map(p => p.value).filter(v => v != null);
  const bounds = [...lower, ...upper].filter(v => v != null);
  // A bound far away would flatten the series: it is drawn only where it is near enough to matter.
  const spread = Math.max(...values) - Math.min(...values) || Math.abs(values[0]) || 1;
  const near = v => v != null && v >= Math.min(...values) - 3 * spread && v <= Math.max(...values) + 3 * spread;
  const edge = (name, list) => list.some(near) ? [{
    name, type: 'line', data: list.map(v => near(v) ? v : null), symbol: 'none', lineStyle: { type: 'dashed', width: 1.2, color: colour('reference') }, itemStyle: { color: colour('reference') }, z: 1,
  }] : [];
  return {
    ...base(),
    tooltip: { ...base().tooltip, formatter: all => {
      const p = points[all[0].dataIndex];
      return `<b>${text(p.key)}</b><br>${number(p.value)}${p.lower != null ? `<br>at least ${number(p.lower)}` : ''}${p.upper != null ? `<br>at most ${number(p.upper)}` : ''}${p.anomalous ? '<br><b>out of bounds</b>' : ''}`;
    } },
    xAxis: { ...axis({ axisLabel: ends }), type: 'category', data: points.map(p => p.key), boundaryGap: false },
    yAxis: { ...axis({ axisLabel: { formatter: number } }), type: 'value', scale: true, splitNumber: 3, max: Math.max(...values) === 1 && Math.min(...values) >= 0 ? 1 : null },
    series: [
      { name: s.name, type: 'line', symbolSize: p => 4, showSymbol: points.length < 60, data: points.map(p => p.anomalous
        ? { value: p.value, symbol: 'diamond', symbolSize: 11, itemStyle: { color: colour('bad') } } : p.value), itemStyle: { color: colour('current') }, lineStyle: { width: 2 }, z: 3, connectNulls: false },
      ...(points.length < 60 ? [] : [{ name: 'out of bounds', type: 'scatter', symbol: 'diamond', symbolSize: 10, itemStyle: { color: colour('bad') }, data: points.map(p => p.anomalous ? p.value : null), z: 4 }]),
      ...edge('at least', lower), ...edge('at most', upper),
    ],
  };
}

function calendar(c, place) {
  const states = ['missing', 'good', 'warning', 'failed'], byDay = new Map();
  for (const p of c.periods) {
    const day = p.key.length === 7 ? `${p.key}-01` : p.key.slice(0, 10), there = byDay.get(day);
    if (!there || states.indexOf(p.state) > states.indexOf(there.state)) byDay.set(day, { ...p, rows: (there?.rows ?? 0) + p.rows, quarantined: (there?.quarantined ?? 0) + p.quarantined });
    else { there.rows += p.rows; there.quarantined += p.quarantined; }
  }
  const days = [...byDay.keys()].sort(), from = +days[0].slice(0, 4), to = +days.at(-1).slice(0, 4), rows = [];
  // A year is a row where a day is large enough to be seen; on a narrow screen its halves or quarters are, and those before and after all data are left out.
  const room = Math.floor(place.clientWidth - 80), parts = [1, 2, 4].find(n => room / [54, 28, 0, 15][n - 1] >= 9) ?? 4, long = 12 / parts;
  for (let y = from; y <= to; y++) {
    for (let m = 1; m <= 12; m += long) {
      const first = `${y}-${String(m).padStart(2, '0')}-01`, last = new Date(Date.UTC(y, m - 1 + long, 0)).toISOString().slice(0, 10);
      if (parts === 1 || (last >= days[0] && first <= days.at(-1))) rows.push({ year: y, first, last });
    }
  }
  const cell = Math.max(9, Math.min(17, Math.floor(room / [54, 28, 0, 15][parts - 1]))), block = 7 * cell + 44;
  place.style.height = `${rows.length * block + 8}px`;
  return {
    ...base(),
    tooltip: { ...base().tooltip, trigger: 'item', formatter: i => {
      const p = byDay.get(i.data.value[0]);
      return `<b>${text(p.key)}</b><br>${p.state === 'missing' ? 'missing' : `${p.rows.toLocaleString('en')} rows${p.quarantined ? `, ${p.quarantined.toLocaleString('en')} in quarantine` : ''}`}${p.note ? `<br>${text(p.note)}` : ''}`;
    } },
    calendar: rows.map((r, i) => ({
      range: [r.first, r.last], top: i * block + 24, left: 64, cellSize: cell, orient: 'horizontal', splitLine: { lineStyle: { color: colour('quiet'), width: 1 } },
      itemStyle: { color: 'transparent', borderColor: colour('line'), borderWidth: .5 },
      dayLabel: { firstDay: 1, color: colour('quiet'), fontSize: 10, nameMap: 'en' }, monthLabel: { color: colour('quiet'), fontSize: 11, nameMap: 'en' }, yearLabel: { formatter: String(r.year), color: colour('ink'), fontSize: 13, margin: 34 },
    })),
    series: rows.map((r, i) => ({
      type: 'heatmap', coordinateSystem: 'calendar', calendarIndex: i,
      data: days.filter(d => d >= r.first && d <= r.last).map(d => {
        const state = byDay.get(d).state;
        return { value: [d, states.indexOf(state)], itemStyle: state === 'missing' ? { color: 'transparent', borderColor: colour('bad'), borderWidth: 1.5, borderType: 'dashed' } : { color: colour(`cal-${state}`), borderColor: colour('card'), borderWidth: 1 } };
      }),
    })),
    visualMap: { show: false, type: 'piecewise', min: 0, max: 3, inRange: {}, dimension: 1, seriesIndex: [] },
  };
}

function importance(columns) {
  const shown = columns.slice(0, 12);
  return {
    ...base(),
    tooltip: { ...base().tooltip, formatter: all => `<b>${text(all[0].axisValue)}</b><br>${share(all[0].value)}` },
    xAxis: { ...axis({ axisLabel: { formatter: share } }), type: 'value', splitNumber: 3 },
    yAxis: { ...axis({ axisLabel: { width: 110, overflow: 'truncate', interval: 0 } }), type: 'category', inverse: true, data: shown.map(c => c.column) },
    series: [{ name: 'share', type: 'bar', data: shown.map(c => c.share), itemStyle: { color: colour('current') }, barCategoryGap: '30%' }],
  };
}

function dependence(d) {
  const numeric = d.ordered && d.points.every(p => p.number != null), many = d.outputs.length > 1;
  const shades = ['current', 'good', 'warning', 'bad', 'reference'];
  const values = { ...axis({ axisLabel: { formatter: d.outputs[0] === 'value' ? number : share } }), type: 'value', scale: true, splitNumber: 3 };
  return {
    ...base(),
    legend: many ? { top: 0, textStyle: { color: colour('quiet'), fontSize: 11 }, itemWidth: 14 } : undefined,
    grid: { ...base().grid, top: many ? 30 : 12, right: 14 },
    tooltip: { ...base().tooltip, formatter: found => {
      const all = found.filter(a => d.outputs.includes(a.seriesName)), p = d.points[found[0].dataIndex];
      return `<b>${text(d.variable)} ${text(p.value)}</b><br>${all.map(a => `${many ? a.marker + text(a.seriesName) + ': ' : ''}${(d.outputs[0] === 'value' ? number : share)(numeric ? a.value[1] : a.value)}`).join('<br>')}`;
    } },
    xAxis: numeric ? { ...axis({ axisLabel: ends }), type: 'value', scale: true, min: 'dataMin', max: 'dataMax' } : { ...axis({ axisLabel: { rotate: d.points.length > 6 ? 45 : 0, width: 60, overflow: 'truncate' } }), type: 'category', data: d.points.map(p => p.value) },
    yAxis: values,
    // Curves of single rows lie behind the mean of all.
    series: [...(numeric ? d.curves ?? [] : []).map(c => ({
      type: 'line', showSymbol: false, silent: true, animation: false, z: 1, tooltip: { show: false }, lineStyle: { width: 1, opacity: 0.22, color: colour('reference') }, data: c.map((y, i) => [d.points[i].number, y]),
    })), ...d.outputs.map((name, k) => ({
      // Points rather than bars: the axis does not begin at 0.
      name, type: numeric ? 'line' : 'scatter', showSymbol: d.points.length < 30, symbolSize: numeric ? 5 : 10, itemStyle: { color: colour(shades[k % shades.length]) },
      data: d.points.map(p => numeric ? [p.number, p.answers[k]] : p.answers[k]),
    }))],
  };
}

function draw(place) {
  const [kind, at] = place.dataset.chart.split('-');
  const option = kind === 'importance' ? importance(data.importance) : kind === 'dependence' ? dependence(data.dependence[+at]) : kind === 'calendar' ? calendar(data.calendar, place) : kind === 'series' ? series(data.series[+at]) : distribution(data.columns[+at].distribution);
  drawn.get(place)?.dispose();
  const chart = echarts.init(place, null, { renderer: 'svg' });
  chart.setOption(option);
  drawn.set(place, chart);
  place.dataset.drawn = 'true';
}

// Pictures are drawn when they come into view: a report may have a thousand columns.
const seen = new IntersectionObserver(entries => entries.filter(e => e.isIntersecting && !drawn.has(e.target)).forEach(e => draw(e.target)), { rootMargin: '300px' });
const wide = new ResizeObserver(entries => entries.forEach(e => { const c = drawn.get(e.target); if (c && Math.abs(c.getWidth() - e.target.clientWidth) > 1) draw(e.target); }));
places.forEach(p => { seen.observe(p); wide.observe(p); });

// What scrolls sideways can be scrolled with the keyboard too.
const scrolls = new ResizeObserver(entries => entries.forEach(({ target: t }) => {
  if (t.scrollWidth > t.clientWidth + 1) t.tabIndex = 0;
  else if (t.tagName !== 'PRE') t.removeAttribute('tabindex');
}));
document.querySelectorAll('.scroll').forEach(s => scrolls.observe(s));
addEventListener('beforeprint', () => places.forEach(draw));

const dark = matchMedia('(prefers-color-scheme: dark)');
const button = document.getElementById('theme');
function theme(name) {
  root.dataset.theme = name;
  button.textContent = name === 'dark' ? 'Light' : 'Dark';
  [...drawn.keys()].forEach(draw);
}
button.addEventListener('click', () => theme(root.dataset.theme === 'dark' ? 'light' : 'dark'));
dark.addEventListener('change', () => theme(dark.matches ? 'dark' : 'light'));
theme(dark.matches ? 'dark' : 'light');
