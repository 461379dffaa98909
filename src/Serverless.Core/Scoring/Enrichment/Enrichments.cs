using System.Collections.Concurrent;
using Serverless.Datasets;
using Serverless.Models;
using Serverless.Switches;

namespace Serverless.Scoring.Enrichment;

/// <summary>The enrichment of each model that has one. Nothing of it is made, and no library loaded, before a model asks.</summary>
internal sealed class Enrichments(TimeProvider time, IServiceProvider services, ISwitches switches)
{
    private readonly ConcurrentDictionary<string, EnrichedValues> opened = new(StringComparer.Ordinal);

    /// <exception cref="Problems.EnvironmentException">The host has no HTTP source.</exception>
    public RowEnrichment? Of(ModelDefinition? model, IReadOnlyList<RawColumn> inputs) =>
        model?.Enrich is not { } terms ? null : new RowEnrichment(opened.GetOrAdd(model.Name, name => new EnrichedValues(name, terms, Sources().Open(terms), time)), inputs, () => switches.IsOn(SwitchedParts.Enrichment, model.Name));

    private IEnrichmentSources Sources() => services.GetService(typeof(IEnrichmentSources)) as IEnrichmentSources
        ?? throw new Problems.EnvironmentException("This host cannot enrich requests: it was composed without a source (AddSourceReaders).");
}
