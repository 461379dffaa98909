namespace Serverless.Models;

/// <summary>
/// The section <c>segments</c> of a model file: one model to its callers, a version of its own for each segment. The default is the model itself, trained on all rows; every part is trained on its rows only, as a
/// model of its own in the registry (<see cref="NameOf"/>), with versions, champion and gate of its own.
/// </summary>
public sealed record SegmentsDefinition
{
    /// <summary>What the default is called in answers.</summary>
    public required string Default { get; init; }

    /// <summary>How much the loaded versions of the parts may take, in bytes; the one unused for longest goes first.</summary>
    public long Memory { get; init; } = 512L << 20;

    /// <summary>In the order in which they are asked: the first whose condition holds has the row.</summary>
    public required IReadOnlyList<SegmentPart> Parts { get; init; }

    /// <summary>The name of a part in the registry.</summary>
    public static string NameOf(string model, string segment) => $"{model}--{segment}";
}

/// <param name="When">Boolean expression over columns of the dataset; a row for which it has no value is not in the segment.</param>
public sealed record SegmentPart(string Name, ExpressionText When);

/// <summary>Of which model a definition is a part.</summary>
public sealed record SegmentOf(string Model, SegmentPart Part, IReadOnlyList<SegmentPart> Earlier);
