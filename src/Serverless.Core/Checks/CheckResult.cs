using System.Text.Json.Serialization;
using Serverless.Datasets;

namespace Serverless.Checks;

/// <summary>What one check found. A failure to compute is <see cref="Outcome.Errored"/>, never an exception.</summary>
public sealed record CheckResult
{
    public required string Check { get; init; }

    public string? Column { get; init; }

    /// <summary>Name of the figure, as series, signals and alerts call it: <c>completeness(delay)</c>, <c>quantile(delay, 0.5)</c>.</summary>
    public string? Metric { get; init; }

    public required Outcome Outcome { get; init; }

    /// <summary>The computed figure; null when it does not apply or could not be computed.</summary>
    public double? Value { get; init; }

    /// <summary>What was compared, with the threshold used: <c>completeness >= 0.95</c>.</summary>
    public required string Expectation { get; init; }

    public required Severity Severity { get; init; }

    /// <summary>Why it errored or does not apply.</summary>
    public string? Message { get; init; }
}

[JsonConverter(typeof(JsonStringEnumConverter<Outcome>))]
public enum Outcome
{
    [JsonStringEnumMemberName("passed")] Passed,
    [JsonStringEnumMemberName("failed")] Failed,
    [JsonStringEnumMemberName("not-applicable")] NotApplicable,
    [JsonStringEnumMemberName("errored")] Errored,
}
