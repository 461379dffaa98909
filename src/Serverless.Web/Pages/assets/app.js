// What runs here, and a form for each model made from its schema. Values are set as text, never as HTML.
const $ = id => document.getElementById(id);
const el = (tag, attributes = {}, ...children) => {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) if (value !== undefined && value !== null && value !== false) node.setAttribute(name, value === true ? "" : value);
  node.append(...children.filter(c => c !== null && c !== undefined));
  return node;
};
const number = new Intl.NumberFormat("en", { maximumFractionDigits: 4 });
const percent = new Intl.NumberFormat("en", { style: "percent", maximumFractionDigits: 1 });
let key = sessionStorage.getItem("serverless.key");

async function call(path, body) {
  const headers = { accept: "application/json" };
  if (key) headers["x-api-key"] = headers["x-functions-key"] = key; // the second is what a Function App's host looks at
  if (body) headers["content-type"] = "application/json";
  const response = await fetch(path, { method: body ? "POST" : "GET", headers, body: body && JSON.stringify(body) });
  const answer = await response.json().catch(() => ({})); // a Function App's host refuses with an empty body
  if (!response.ok) throw Object.assign(new Error(answer.detail ?? response.statusText), { status: response.status, errors: answer.errors ?? {} });
  return answer;
}

function input(column, id, example) {
  if (column.type === "boolean") {
    const select = el("select", { id, name: column.name }, el("option", { value: "" }, "not given"), el("option", { value: "true" }, "true"), el("option", { value: "false" }, "false"));
    select.value = String(example ?? "");
    return select;
  }
  const numeric = column.type === "integer" || column.type === "number";
  const field = el("input", { id, name: column.name, type: numeric ? "number" : "text", step: column.type === "integer" ? "1" : numeric ? "any" : null, required: column.required, autocomplete: "off", spellcheck: "false" });
  field.value = example ?? "";
  return field;
}

function valueOf(column, text) {
  if (text === "") return null;
  if (column.type === "boolean") return text === "true";
  return column.type === "integer" || column.type === "number" ? Number(text) : text;
}

function bars(task, p) {
  const shares = task === "binary" ? [["true", p.probability], ["false", 1 - p.probability]]
    : task === "multiclass" ? Object.entries(p.probabilities).sort((a, b) => b[1] - a[1]).slice(0, 8) : [];
  if (shares.length === 0) return null;
  return el("div", { class: "bars" }, ...shares.flatMap(([name, share]) =>
    [el("span", {}, name), el("meter", { min: 0, max: 1, value: share, "aria-label": `probability of ${name}` }), el("span", {}, percent.format(share))]));
}

function tryForm(model) {
  const columns = model.schema.inputs;
  const prefix = `try-${model.name}-`;
  const fields = columns.map(c => {
    const field = input(c, prefix + c.name, model.example?.[c.name]);
    const hint = [c.type === "timestamp" ? "time, UTC" : c.type, c.unit, c.required ? "required" : null].filter(Boolean).join(", ");
    return el("div", {}, el("label", { for: field.id }, c.name + " ", el("small", {}, hint)), field, el("p", { class: "error", id: field.id + "-error", hidden: true }));
  });
  const button = el("button", {}, "Predict");
  const output = el("output", { "aria-live": "polite" });
  const form = el("form", { novalidate: true, "aria-label": `Try ${model.name}` }, el("div", { class: "columns" }, ...fields), el("div", { class: "row" }, button), output);
  form.addEventListener("submit", async event => {
    event.preventDefault();
    button.disabled = true;
    for (const c of columns) {
      const field = form.elements[c.name];
      field.removeAttribute("aria-invalid");
      field.removeAttribute("aria-describedby");
      $(field.id + "-error").hidden = true;
    }
    const row = Object.fromEntries(columns.map(c => [c.name, valueOf(c, form.elements[c.name].value.trim())]));
    try {
      const started = performance.now();
      const answer = await call(`/v1/models/${encodeURIComponent(model.name)}/predict`, { rows: [row] });
      const p = answer.predictions[0];
      const shown = typeof p.prediction === "number" ? number.format(p.prediction) : String(p.prediction);
      output.replaceChildren(el("div", { class: "answer" }, el("div", { class: "row" }, el("strong", {}, shown),
        el("span", { class: "quiet" }, `version ${p.version}, ${p.role}, ${Math.round(performance.now() - started)} ms`)), bars(model.task, p),
        el("p", { class: "quiet" }, "Recorded as ", el("code", {}, p.id))));
    } catch (error) {
      let first = null;
      const rest = [];
      for (const [name, messages] of Object.entries(error.errors ?? {})) {
        const field = form.elements[name.replace(/^rows\[0\]\.?/, "")];
        if (!field?.id) { rest.push(`${name}: ${messages.join(" ")}`); continue; }
        field.setAttribute("aria-invalid", "true");
        field.setAttribute("aria-describedby", field.id + "-error");
        $(field.id + "-error").textContent = messages.join(" ");
        $(field.id + "-error").hidden = false;
        first ??= field;
      }
      output.replaceChildren(el("p", { class: "notice" }, [error.message, ...rest].join("\n")));
      first?.focus();
    }
    button.disabled = false;
  });
  const sample = `curl -s ${location.origin}/v1/models/${model.name}/predict ${key ? "-H 'x-api-key: YOUR KEY' " : ""}-H 'content-type: application/json' -d '${JSON.stringify({ rows: [model.example] })}'`;
  return [form, el("details", {}, el("summary", {}, "The same with curl"), el("pre", { tabindex: "0" }, el("code", {}, sample)))];
}

function card(model) {
  const champion = model.versions.find(v => v.champion);
  const words = [model.task, model.dataset && `on ${model.dataset}`].filter(Boolean).join(" ");
  const state = model.serving ? el("span", { class: model.problem ? "pill bad" : "pill good" }, `version ${model.serving} answers`) : el("span", { class: "pill" }, "no champion yet");
  const metrics = champion ? Object.entries(champion.metrics).filter(([, v]) => typeof v === "number").slice(0, 5).map(([n, v]) => `${n} ${number.format(v)}`).join("  ·  ") : "";
  return el("article", { class: "card", "aria-label": model.name },
    el("div", { class: "title" }, el("h3", {}, model.name), state, el("span", { class: "quiet" }, words)),
    model.description ? el("p", {}, model.description) : null,
    metrics ? el("p", { class: "quiet" }, metrics) : null,
    model.problem ? el("p", { class: "notice" }, model.problem) : null,
    ...(model.serving && model.schema ? tryForm(model) : [el("p", { class: "quiet" }, "Train it: ", el("code", {}, `serverless-ml train ${model.name}`))]));
}

async function rows(path, target, section, make) {
  try {
    const answer = await call(path);
    const list = make(answer);
    $(target).replaceChildren(...list);
    $(section).hidden = list.length === 0;
  } catch { $(section).hidden = true; } // a key without this scope: the section stays away
}

async function show() {
  const ready = await fetch("/health/ready").then(r => r.json()).catch(() => null);
  $("ready").textContent = ready?.status === "ready" ? "ready" : ready ? "not ready" : "not reachable";
  $("ready").className = `pill ${ready?.status === "ready" ? "good" : "bad"}`;
  try {
    const { models } = await call("/v1/models");
    $("key").hidden = true;
    $("notice").hidden = true;
    const details = await Promise.all(models.map(m => call(`/v1/models/${encodeURIComponent(m.name)}`)));
    $("models").replaceChildren(...(details.length ? details.map(card) : [el("p", { class: "quiet" }, "No model file in this workspace yet.")]));
  } catch (error) {
    $("key").hidden = error.status !== 401;
    $("notice").hidden = error.status === 401 && !key;
    $("notice").textContent = error.message;
    $("models").replaceChildren();
    return;
  }
  await rows("/v1/datasets", "datasets", "data", a => a.datasets.map(d => el("tr", {}, el("th", { scope: "row" }, d.name), el("td", { class: "number" }, number.format(d.partitions)),
    el("td", { class: "number" }, number.format(d.rows)), el("td", {}, d.columns.map(c => c.name).join(", ")))));
  await rows("/v1/runs?limit=8", "runs", "work", a => a.runs.map(r => el("tr", {}, el("td", {}, el("code", {}, r.id)), el("td", {}, r.subject),
    el("td", {}, el("span", { class: `pill ${r.status === "done" ? "good" : r.status === "failed" ? "bad" : ""}` }, r.status), r.reason ? ` ${r.reason}` : ""),
    el("td", { class: "number" }, new Date(r.createdAt).toLocaleString()))));
}

$("key").addEventListener("submit", event => {
  event.preventDefault();
  key = $("key-input").value;
  sessionStorage.setItem("serverless.key", key);
  $("key-input").value = "";
  show();
});
show();
