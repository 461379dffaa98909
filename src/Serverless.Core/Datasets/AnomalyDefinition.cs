namespace Serverless.Datasets;

/// <summary>A metric of a dataset to be judged against its own history, as the dataset file states it: a metric, a strategy, the strategy's own parameters.</summary>
public sealed record AnomalyDefinition
{
    /// <summary><c>size</c>, <c>completeness(delay)</c>, <c>quantile(delay, 0.5)</c>, with its place in the file.</summary>
    public required Parameter Metric { get; init; }

    /// <summary><c>relative-rate</c>, <c>holt-winters</c>, ..., with its place in the file.</summary>
    public required Parameter Strategy { get; init; }

    public Severity Severity { get; init; } = Severity.Warning;

    /// <summary>The other keys, as written.</summary>
    public IReadOnlyDictionary<string, Parameter> Parameters { get; init; } = new Dictionary<string, Parameter>();
}
