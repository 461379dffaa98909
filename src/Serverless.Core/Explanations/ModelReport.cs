using Serverless.Datasets;
using Serverless.Reports;

namespace Serverless.Explanations;

/// <summary>What a page about a model version shows, to three kinds of readers.</summary>
public sealed record ModelReport
{
    public required string Title { get; init; }

    public string? Description { get; init; }

    public required DateTimeOffset GeneratedAt { get; init; }

    public required IReadOnlyList<ReportFact> Facts { get; init; }

    /// <summary>Metrics of the gate's holdout, by name.</summary>
    public required IReadOnlyDictionary<string, double> Metrics { get; init; }

    public required GlobalExplanation Global { get; init; }

    /// <summary>Explained rows; the first is the typical one where nobody named rows.</summary>
    public required IReadOnlyList<ReportCase> Cases { get; init; }

    /// <summary>Columns as the model takes them, with units.</summary>
    public required IReadOnlyList<RawColumn> Columns { get; init; }
}

/// <param name="Sentences">By language.</param>
public sealed record ReportCase(string Name, Explanation Explanation, IReadOnlyDictionary<string, string> Sentences);
