using System.Globalization;

namespace Serverless.FeatureViews;

/// <summary>
/// An input column of a model that nobody has to send: it is looked up by key, in training and in batches as of the row's time, online as of the last refresh. Stored with
/// the model, so that a version can be served without its model file.
/// </summary>
public sealed record LookupDefinition
{
    public required LookupKind Kind { get; init; }

    /// <summary>Name of the online table: the view's, or <c>model.feature</c> for a lag or a rolling feature.</summary>
    public required string Source { get; init; }

    /// <summary>The view's feature, or the dataset's column.</summary>
    public required string Column { get; init; }

    /// <summary>Of the looked-up value.</summary>
    public required Datasets.ColumnType Type { get; init; }

    /// <summary>Keys of the view and the model's own columns that hold them, in the view's order.</summary>
    public required IReadOnlyList<LookupKey> Keys { get; init; }

    /// <summary>The model's dataset.</summary>
    public required string Dataset { get; init; }

    /// <summary>Column of the model's dataset with a row's time; null = its partition's.</summary>
    public string? Time { get; init; }

    /// <summary>Of a rolling feature.</summary>
    public AggregateFunction? Aggregate { get; init; }

    /// <summary>Length of a rolling window.</summary>
    public TimeSpan? Over { get; init; }

    /// <summary>How much earlier than the row's time a value must have been there.</summary>
    public TimeSpan After { get; init; }

    /// <summary>Two lookups of the same text give the same values.</summary>
    internal string Identity => string.Create(CultureInfo.InvariantCulture,
        $"{Kind}|{Source}|{Column}|{string.Join(',', Keys.Select(k => $"{k.Key}={k.Column}"))}|{Dataset}|{Time}|{Aggregate}|{Over}|{After}");
}

/// <param name="Key">Of the view.</param>
/// <param name="Column">Of the model's dataset.</param>
public sealed record LookupKey(string Key, string Column);

public enum LookupKind
{
    /// <summary>A feature of a view.</summary>
    View,

    /// <summary>The newest value of a column, as known some time earlier.</summary>
    Lag,

    /// <summary>An aggregate over a window that ends some time earlier.</summary>
    Rolling,
}
