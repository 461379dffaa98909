using System.Globalization;
using Serverless.Search;
using Serverless.Training;

namespace Serverless.Tracking;

/// <summary>One thing that went into a run, as text.</summary>
/// <param name="Area">data, code, environment, trainer, hyperparameter or model.</param>
internal sealed record RunInput(string Area, string Name, string? Value)
{
    private static readonly Dictionary<string, string> None = [];

    public static IReadOnlyList<RunInput> Of(TrainingResult training)
    {
        var lineage = training.Lineage;
        return
        [
            new("data", "dataset", lineage.Dataset), new("data", "version", N(lineage.DatasetVersion)), new("data", "contract", lineage.ContractVersion), new("data", "train from", T(lineage.TrainFrom)),
            new("data", "holdout from", T(lineage.HoldoutFrom)), new("data", "until", T(lineage.Until)), new("data", "rows trained on", N(training.TrainRows)), new("data", "rows held out", N(training.HoldoutRows)),
            .. (lineage.Views ?? []).Select(v => new RunInput("data", $"looked up: {v.Name}", $"{v.Dataset} version {N(v.DatasetVersion)}, {N(v.Partitions.Count)} partitions")),
            .. (lineage.Views ?? []).Where(v => v.Definition is not null).Select(v => new RunInput("data", $"view {v.Name}", v.Definition!.Hash)),
            new("code", "version", lineage.CodeVersion), new("code", "workspace", lineage.WorkspaceHash), .. Of(training.Environment), new("trainer", "name", training.Trainer), new("trainer", "seed", N(lineage.Seed)),
            .. Of(lineage.Hyperparameters, lineage.Settings), new("model", "inputs", string.Join(", ", training.Schema.Inputs.Select(i => i.Name))), new("model", "classes", string.Join(", ", training.Schema.Classes)),
            new("model", "threshold", R(training.Schema.Threshold)), new("model", "champion compared with", training.Champion?.ToString(CultureInfo.InvariantCulture)),
        ];
    }

    /// <summary>Null for a trial that was stopped before it began.</summary>
    public static IReadOnlyList<RunInput>? Of(TrialState trial)
    {
        if (trial.Report is not { Inputs: { } inputs } report) return null;
        return
        [
            new("data", "dataset", inputs.Dataset), new("data", "version", inputs.DatasetVersion?.ToString(CultureInfo.InvariantCulture)), new("data", "contract", inputs.ContractVersion), new("data", "train from", T(trial.Window.TrainFrom)),
            new("data", "judged from", T(trial.Window.JudgedFrom)), new("data", "until", T(trial.Window.Until)), new("data", "rows trained on", N(report.LearnedRows)), new("data", "rows that judge", N(report.JudgedRows)),
            new("code", "version", inputs.CodeVersion), new("code", "workspace", inputs.WorkspaceHash), .. Of(inputs.Environment), new("trainer", "name", inputs.Trainer), new("trainer", "seed", N(inputs.Seed)),
            .. Of(inputs.Hyperparameters, inputs.Settings),
        ];
    }

    private static IEnumerable<RunInput> Of(RunEnvironment environment) =>
        [new("environment", "os", environment.Os), new("environment", "processors", N(environment.Cpus)), new("environment", ".NET", environment.DotNet), new("environment", "library", environment.Library)];

    // Of a setting that is a word the number is its index, and only the word says anything.
    private static IEnumerable<RunInput> Of(IReadOnlyDictionary<string, double> numbers, IReadOnlyDictionary<string, string>? words) =>
        numbers.Where(n => words?.ContainsKey(n.Key) != true).Select(n => new RunInput("hyperparameter", n.Key, R(n.Value))).Concat((words ?? None).Select(w => new RunInput("hyperparameter", w.Key, w.Value)));

    private static string N(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string R(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private static string T(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
}
