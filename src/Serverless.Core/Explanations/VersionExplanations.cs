using System.Runtime.CompilerServices;
using Serverless.Datasets;
using Serverless.Explanations.Sentences;
using Serverless.Monitoring;
using Serverless.Partitions;
using Serverless.Problems;
using Serverless.Registry;
using Serverless.Scoring;
using Serverless.Workspaces;

namespace Serverless.Explanations;

/// <inheritdoc cref="IExplanations"/>
internal sealed class VersionExplanations(Workspace workspace, IModelRegistry registry, ReferenceStore references, IDataEngine engine, IEnumerable<IExplanationMethod> methods, IEnumerable<ISentenceLanguage> languages)
    : IExplanations
{
    /// <summary>Rows that stand for what the version learned from; methods that compare pair by pair take the first hundred.</summary>
    private const int Rows = 1000;

    private const int Seed = 42;

    private readonly ExplanationCatalogue catalogue = new(methods);
    private readonly ISentenceLanguage[] spoken = [.. languages];
    private readonly ConditionalWeakTable<IScoringPipeline, Lazy<Task<ModelExplainer>>> made = [];

    public IReadOnlyList<string> Languages => [.. spoken.Select(l => l.Code).Order(StringComparer.Ordinal)];

    public IReadOnlyList<string> Methods => catalogue.Names;

    public async Task<ModelExplainer> OfAsync(IScoringPipeline pipeline, CancellationToken cancel = default)
    {
        if (pipeline is not ScoringPipeline known) throw new RequestException($"model '{pipeline.Model}' cannot be explained: it is not made of features and a predictor.");
        // Not cancelled with the request that came first: others wait for it too.
        var making = made.GetValue(pipeline, _ => new Lazy<Task<ModelExplainer>>(() => MakeAsync(known, CancellationToken.None)));
        try
        {
            return await making.Value.WaitAsync(cancel).ConfigureAwait(false);
        }
        catch (Exception) when (making.Value.IsFaulted)
        {
            made.Remove(pipeline); // a store that was away may be back
            throw;
        }
    }

    private async Task<ModelExplainer> MakeAsync(ScoringPipeline pipeline, CancellationToken cancel)
    {
        var (background, whyNone) = await BackgroundAsync(pipeline, cancel).ConfigureAwait(false);
        var model = workspace.Models.GetValueOrDefault(pipeline.Model);
        var version = await registry.FindAsync(pipeline.Model, pipeline.Version, cancel).ConfigureAwait(false);
        var dataset = workspace.Datasets.GetValueOrDefault(model?.Dataset ?? version?.Lineage.Dataset ?? "");
        var words = new ExplanationWords(spoken, pipeline.Schema.Task, pipeline.Schema.Inputs, pipeline.Document.Label, dataset, model);
        return new ModelExplainer(new ExplanationSetup(pipeline, background, whyNone), catalogue, words);
    }

    private async Task<(Background?, string?)> BackgroundAsync(ScoringPipeline pipeline, CancellationToken cancel)
    {
        try
        {
            if (await ReadAsync(pipeline, [ReferenceColumns.Definition(ReferenceColumns.Part, pipeline.Schema.Task)], cancel).ConfigureAwait(false) is not { Rows: > 0 } table)
            {
                return (null, $"this version kept none: it was registered before references were kept. Train it again (serverless-ml train {pipeline.Model})");
            }

            var part = (StringColumn)table[ReferenceColumns.Part];
            var learned = Enumerable.Range(0, table.Rows).Where(r => part[r] == ReferenceColumns.Train).ToArray();
            return (Background.Draw(pipeline.Features, table, learned.Length > 0 ? learned : [.. Enumerable.Range(0, table.Rows)], Rows, Seed), null);
        }
        catch (DataException e)
        {
            return (null, e.Message);
        }
    }

    /// <summary>The columns that the model reads and some more, of the version's reference; null when it keeps none.</summary>
    internal async Task<Table?> ReadAsync(ScoringPipeline pipeline, IReadOnlyList<ColumnDefinition> more, CancellationToken cancel)
    {
        var version = await registry.FindAsync(pipeline.Model, pipeline.Version, cancel).ConfigureAwait(false);
        if (version?.Reference is null) return null;
        using var file = await references.OpenAsync(version, cancel).ConfigureAwait(false);
        return await engine.ReadAsync([file.Path], [.. pipeline.Schema.Inputs.Select(c => new ColumnDefinition { Name = c.Name, Type = c.Type }), .. more], cancel).ConfigureAwait(false);
    }
}
