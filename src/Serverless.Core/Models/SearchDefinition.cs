using Serverless.Datasets;

namespace Serverless.Models;

/// <summary>How better trainers and hyperparameters are looked for, as the section <c>search</c> of the model file states it.</summary>
public sealed record SearchDefinition
{
    public const int MostTrials = 1000;
    public const int MostParallel = 64;

    /// <summary>So many fits at most; null = as many as there is time for.</summary>
    public int? Trials { get; init; }

    /// <summary>So long at most, by the clock; null = as long as the trials take.</summary>
    public TimeSpan? Time { get; init; }

    /// <summary>Name of the sampler, with its place in the file.</summary>
    public Parameter Sampler { get; init; } = new(["tpe"], false, 0, 0);

    /// <summary>Null = the trainer's.</summary>
    public int? Seed { get; init; }

    /// <summary>The metric that is made better, with its place; null = the gate's.</summary>
    public Parameter? Metric { get; init; }

    /// <summary>The last share of the training rows by time, which judges the trials.</summary>
    public double Share { get; init; } = 0.2;

    /// <summary>Successive halving: one trial of so many goes on to the next rung, with so many times the rows.</summary>
    public int Factor { get; init; } = 3;

    /// <summary>1 = every trial learns from all rows.</summary>
    public int Rungs { get; init; } = 3;

    /// <summary>Trials under way at once, over all workers. Part of what decides which trials there are.</summary>
    public int Parallel { get; init; } = 4;

    /// <summary>Where it is looked; empty = the model's own trainer, within its own ranges.</summary>
    public IReadOnlyList<SearchedTrainer> Trainers { get; init; } = [];

    public int Line { get; init; }

    public int Column { get; init; }
}

/// <param name="Settings">What varies, and what is fixed; empty = the ranges that the trainer itself proposes.</param>
public sealed record SearchedTrainer(string Name, IReadOnlyList<SearchedSetting> Settings, int Line, int Column);

/// <summary>One hyperparameter: between two bounds, one of a list, or one value.</summary>
/// <param name="Values">As written: a value, or a list of them; null = a range.</param>
public sealed record SearchedSetting(string Name, Parameter? Values, SearchedRange? Range, int Line, int Column);

/// <param name="Log">Equal steps are equal ratios.</param>
public sealed record SearchedRange(double Min, double Max, bool Log);
