using Serverless.Datasets;
using Serverless.Evaluation;
using Serverless.Models;

namespace Serverless.Gating;

/// <summary>Something that a candidate must show besides the gate's metric. A new guard is one file, one test and one line in <see cref="GatingServices"/>. Stateless.</summary>
internal interface IGuard
{
    /// <summary>As the model file writes it.</summary>
    string Name { get; }

    IReadOnlyList<GuardSetting> Settings { get; }

    /// <summary>What is wrong with the settings taken together, with the setting at which it is to be pointed; each alone is well formed.</summary>
    IEnumerable<(string? Setting, string Problem)> Problems(GuardSettings settings, ModelDefinition model) => [];

    /// <summary>Expressions by whose values it groups rows: their columns are read with the holdout.</summary>
    IEnumerable<GroupDefinition> Groups(GuardSettings settings, ModelDefinition model) => [];

    /// <summary>Judges a candidate on its holdout. Bad figures are findings, not exceptions.</summary>
    IEnumerable<GateFinding> Judge(GuardSettings settings, GuardScope scope);
}

/// <summary>What guards look at.</summary>
internal sealed record GuardScope
{
    public required ModelDefinition Model { get; init; }

    public required DatasetDefinition Dataset { get; init; }

    public required JudgedRows Candidate { get; init; }

    /// <summary>The champion's answers to the same rows; null when it could not be compared, or there is none.</summary>
    public JudgedRows? Champion { get; init; }

    /// <summary>The candidate's metrics by name, business metrics included.</summary>
    public required IReadOnlyDictionary<string, double> Metrics { get; init; }

    public IReadOnlyDictionary<string, double>? ChampionMetrics { get; init; }

    /// <summary>.NET ticks of each row, UTC.</summary>
    public required long[] Ticks { get; init; }

    /// <summary>First instant of the holdout, and its end (exclusive), in ticks.</summary>
    public required (long From, long Until) Span { get; init; }

    /// <summary>The rows' groups by an expression.</summary>
    public required Func<GroupDefinition, Grouping> GroupBy { get; init; }

    /// <summary>Seconds that each of some rows of the holdout takes, from raw values to the answer, one at a time in this process.</summary>
    public required Func<double[]> Latencies { get; init; }

    /// <summary>Size of model.zip.</summary>
    public required long Bytes { get; init; }

    public int Seed => Model.Trainer.Seed;

    public CancellationToken Cancel { get; init; }
}
