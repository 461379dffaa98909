namespace Serverless.Checks;

/// <summary>What a check computed: a value, or why there is none.</summary>
public readonly record struct Metric(double? Value, string? Why)
{
    public static Metric Of(double value) => double.IsFinite(value) ? new(value, null) : new(null, "no finite value");

    public static Metric OfNullable(double? value) => value is { } v ? Of(v) : NotApplicable("no values");

    public static Metric NotApplicable(string why) => new(null, why);

    /// <summary><c>part / whole</c>, or not applicable when there is no whole.</summary>
    public static Metric Share(long part, long whole) => whole == 0 ? NotApplicable("no rows") : Of((double)part / whole);
}
