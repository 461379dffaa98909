using Serverless.Datasets;

namespace Serverless.Suggestions;

/// <summary>A check that the data seen so far give reason for, with the reason, and what became of it on rows that were held out.</summary>
public sealed record Suggestion
{
    /// <summary>Name of the check, as the dataset file writes it.</summary>
    public required string Check { get; init; }

    public string? Column { get; init; }

    public double? Min { get; init; }

    public double? Max { get; init; }

    /// <summary>Of containment: the values.</summary>
    public IReadOnlyList<string>? Values { get; init; }

    public string? Pattern { get; init; }

    /// <summary>Of data-type: the type.</summary>
    public string? Type { get; init; }

    /// <summary>Of freshness: the greatest age of the newest timestamp, at the end of its partition.</summary>
    public string? Within { get; init; }

    /// <summary>SQL condition of the rows that it is about; null = all.</summary>
    public string? Where { get; init; }

    public Severity Severity { get; init; } = Severity.Warning;

    /// <summary>The rule that suggests it.</summary>
    public required string Rule { get; init; }

    /// <summary>Why, in words and numbers.</summary>
    public required string Evidence { get; init; }

    /// <summary>How it did on rows that it was not made from; null when there were none.</summary>
    public Backtest? Holdout { get; init; }

    /// <summary>Worth writing: not contradicted by the rows that were held out.</summary>
    public bool Passed => Holdout is null or { Passed: true };

    /// <summary>One line of a dataset file's <c>checks</c>, without the dash.</summary>
    public string Yaml => CheckYaml.Of(this);

    /// <summary>As the workspace would read that line.</summary>
    public CheckDefinition ToDefinition()
    {
        var parameters = new Dictionary<string, Parameter>();
        void Add(string name, IReadOnlyList<string> items, bool list = false) => parameters[name] = new Parameter(items, list, 0, 0);
        if (Min is { } min) Add("min", [CheckYaml.Number(min)]);
        if (Max is { } max) Add("max", [CheckYaml.Number(max)]);
        if (Values is { } values) Add("values", values, list: true);
        if (Type is { } type) Add("type", [type]);
        if (Within is { } within)
        {
            Add("within", [within]);
            Add("of", ["end"]);
        }

        if (Pattern is { } pattern) Add("pattern", [pattern]);
        return new CheckDefinition { Check = Check, Column = Column, Where = Where, Severity = Severity, Parameters = parameters };
    }
}

/// <summary>A check on rows that were held out.</summary>
public sealed record Backtest
{
    public required long Rows { get; init; }

    /// <summary>Held-out partitions that it was looked at one by one; 1 for a file.</summary>
    public required int Partitions { get; init; }

    /// <summary>Those in which it did not pass.</summary>
    public required int Failed { get; init; }

    /// <summary>The value that is nearest to its limits, or furthest beyond them.</summary>
    public double? Value { get; init; }

    public bool Passed => Failed == 0;

    /// <summary>Why it could not be computed.</summary>
    public string? Message { get; init; }
}
