namespace Serverless.Explanations;

/// <summary>What a model version goes by in general: <c>importance.json</c> beside the version, computed when first asked for.</summary>
public sealed record GlobalExplanation
{
    public const int KnownSchemaVersion = 1;

    public const string FileName = "importance.json";

    public int SchemaVersion { get; init; } = KnownSchemaVersion;

    public required string Model { get; init; }

    public required int Version { get; init; }

    public required DateTimeOffset ComputedAt { get; init; }

    /// <summary>Rows of the reference it was computed on, and which: <c>holdout</c>, or <c>train</c> where no row of the holdout is kept.</summary>
    public required int Rows { get; init; }

    public required string Part { get; init; }

    /// <summary>Method of the contributions.</summary>
    public required string Method { get; init; }

    public required ScoreScale Scale { get; init; }

    /// <summary>The metric whose loss is measured, and its value on these rows; null when no row has a label.</summary>
    public string? Metric { get; init; }

    public double? MetricValue { get; init; }

    /// <summary>Raw columns, the most important first.</summary>
    public required IReadOnlyList<ColumnImportance> Columns { get; init; }

    /// <summary>
    /// For each feature of the model file its share of how much scores change when its values are exchanged between rows; together 1. What is near 0 can be dropped.
    /// </summary>
    public required IReadOnlyDictionary<string, double> Features { get; init; }

    public required IReadOnlyList<Dependence> Dependence { get; init; }

    public required SurrogateTree Tree { get; init; }
}

/// <param name="MeanContribution">Mean of |Shapley value|, on the scale of the score.</param>
/// <param name="Share">Of the sum over all columns.</param>
/// <param name="Drop">Permutation importance: how much worse the metric is when the column's values are exchanged between rows; null without labels.</param>
/// <param name="Low">95% interval of the drop over repeated exchanges: it tells the chance of the exchange, not of the rows.</param>
/// <param name="High">See <paramref name="Low"/>.</param>
public sealed record ColumnImportance(string Column, double MeanContribution, double Share, double? Drop, double? Low, double? High);

/// <summary>Partial dependence: the mean answer when all rows have this value.</summary>
/// <param name="Variable">A raw column, or a feature of a timestamp.</param>
/// <param name="Outputs">What each answer of a point is: the classes of a multiclass model, else one.</param>
/// <param name="Curves">ICE (Goldstein et al. 2015): the answer of single rows at each point, one curve for each row; empty unless asked for.</param>
/// <param name="CurvesOf">Which of <paramref name="Outputs"/> the curves show; null without curves.</param>
public sealed record Dependence(string Variable, string Column, string? Unit, bool Ordered, IReadOnlyList<string> Outputs, IReadOnlyList<DependencePoint> Points, IReadOnlyList<IReadOnlyList<double>> Curves,
    string? CurvesOf = null);

/// <param name="Value">As text.</param>
/// <param name="Number">The value where it is a number.</param>
/// <param name="Share">Of the rows that have this value, or a value in its bin.</param>
public sealed record DependencePoint(string Value, double? Number, double Share, IReadOnlyList<double> Answers);

/// <summary>A small tree fitted to the model's own answers.</summary>
/// <param name="R2">Share of the variance of the model's answers that the tree gives, on rows it was not fitted on.</param>
/// <param name="Agreement">Share of those rows of which tree and model predict the same; null for regression.</param>
/// <param name="Lines">Rules, indented by two spaces for each level.</param>
public sealed record SurrogateTree(int Depth, double R2, double? Agreement, IReadOnlyList<string> Lines);

/// <param name="Curves">ICE curves for so many rows, <see cref="MostCurves"/> at most; what has them is not stored.</param>
/// <param name="Class">Multiclass: the class whose probability the curves show; null = the first.</param>
public sealed record DependenceOptions(int Curves = 0, string? Class = null)
{
    public const int MostCurves = 500;
}
