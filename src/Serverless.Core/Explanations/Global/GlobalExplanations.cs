using System.Text.Json;
using Serverless.Datasets;
using Serverless.Features;
using Serverless.Models;
using Serverless.Monitoring;
using Serverless.Problems;
using Serverless.Scoring;
using Serverless.Storage;

namespace Serverless.Explanations.Global;

/// <inheritdoc cref="IGlobalExplanations"/>
internal sealed class GlobalExplanations(VersionExplanations explanations, IObjectStore objects, TimeProvider time) : IGlobalExplanations
{
    public async Task<GlobalExplanation?> FindAsync(string model, int version, CancellationToken cancel = default)
    {
        var key = Key(model, version);
        await using var stream = await objects.OpenReadAsync(key, cancel).ConfigureAwait(false);
        if (stream is null) return null;
        try
        {
            using var document = await JsonDocument.ParseAsync(stream, cancellationToken: cancel).ConfigureAwait(false);
            var schema = document.RootElement.GetProperty("schemaVersion").GetInt32();
            if (schema > GlobalExplanation.KnownSchemaVersion) throw new DataException($"'{key}' has schemaVersion {schema}; this program knows up to {GlobalExplanation.KnownSchemaVersion}: update it.");
            return document.RootElement.Deserialize<GlobalExplanation>(ServerlessJson.Options);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new DataException($"'{key}' is damaged: {e.Message} Delete it; it is computed again when it is asked for.", e);
        }
    }

    public async Task<GlobalExplanation> OfAsync(IScoringPipeline pipeline, DependenceOptions? options = null, CancellationToken cancel = default)
    {
        options ??= new DependenceOptions();
        if (options.Curves is < 0 or > DependenceOptions.MostCurves)
        {
            throw new RequestException(FormattableString.Invariant($"{options.Curves} curves cannot be had; expected a number from 1 to {DependenceOptions.MostCurves}."));
        }

        var stored = await FindAsync(pipeline.Model, pipeline.Version, cancel).ConfigureAwait(false);
        if (options.Curves == 0 && stored is not null) return stored;
        var explainer = await explanations.OfAsync(pipeline, cancel).ConfigureAwait(false);
        var known = explainer.Setup.Pipeline;
        var table = await explanations.ReadAsync(known,
            [ReferenceColumns.Definition(ReferenceColumns.Part, known.Schema.Task), ReferenceColumns.Definition(ReferenceColumns.Label, known.Schema.Task)], cancel).ConfigureAwait(false);
        if (table is not { Rows: > 0 })
        {
            throw new DataException($"version {known.Version} of model '{known.Model}' keeps no reference rows to look at: it was registered before references were kept. Train it again (serverless-ml train {known.Model}).");
        }

        var (rows, labels, part, classes) = Choose(known, table);
        var looked = new GlobalExplainer(explainer, rows, labels, classes);
        var curved = options.Curves > 0 ? looked.Dependence(options, cancel) : null;
        if (stored is null)
        {
            stored = looked.Compute(time.GetUtcNow(), part, cancel);
            var json = JsonSerializer.SerializeToUtf8Bytes(stored, ServerlessJson.Options);
            // Whoever is first is right: the same rows and seed give the same figures.
            await objects.PutIfAbsentAsync(Key(known.Model, known.Version), new MemoryStream(json), cancel).ConfigureAwait(false);
        }

        return curved is null ? stored : stored with { Dependence = curved };
    }

    private static string Key(string model, int version) => FormattableString.Invariant($"{StoreNames.Containers.Models}/{model}/{version}/{GlobalExplanation.FileName}");

    // Rows that the version did not learn from, where some are kept; labelled ones, where some are.
    private static (IReadOnlyList<RawRow> Rows, double[]? Labels, string Part, int Classes) Choose(ScoringPipeline pipeline, Table table)
    {
        var part = (StringColumn)table[ReferenceColumns.Part];
        var label = table[ReferenceColumns.Label];
        int[] Of(string name) => [.. Enumerable.Range(0, table.Rows).Where(r => part[r] == name)];
        var chosen = Of(ReferenceColumns.Holdout) is { Length: > 0 } holdout ? holdout : [.. Enumerable.Range(0, table.Rows)];
        var name = part[chosen[0]] ?? ReferenceColumns.Train;
        var labelled = chosen.Where(r => !label.IsMissing(r)).ToArray();
        if (labelled.Length > 0) chosen = labelled;
        new Random(42).Shuffle(chosen);
        // In the order drawn: whoever takes the first hundred takes a sample, not the earliest.
        chosen = [.. chosen.Take(GlobalExplainer.MostRows)];
        var loader = new RowLoader(table, pipeline.Features.Schema);
        var rows = chosen.Select(r =>
        {
            var row = pipeline.Features.Schema.NewRow();
            loader.Load(r, row);
            return row;
        }).ToArray();
        var classes = pipeline.Schema.Classes.ToList();
        double[]? labels = labelled.Length == 0 ? null : [.. chosen.Select(r => label switch
        {
            BooleanColumn c => c.Values[r] ? 1.0 : 0,
            StringColumn c => classes.IndexOf(c[r] ?? ""),
            NumberColumn c => c.Values[r],
            _ => double.NaN,
        })];
        return (rows, labels, name, pipeline.Schema.Task == TaskKind.Binary ? 2 : classes.Count);
    }
}
