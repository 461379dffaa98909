using System.Text.Json;
using Serverless.Partitions;
using Serverless.Training;

namespace Serverless.Cli.Demo;

/// <summary>What the demo did, in the order in which it did it.</summary>
internal sealed record DemoReport
{
    public required string Sample { get; init; }

    public required string Folder { get; init; }

    public required IReadOnlyList<DropReport> Drops { get; init; }

    /// <summary>By model, the one that was asked first.</summary>
    public required IReadOnlyList<TrainReport> Trainings { get; init; }

    public required string Url { get; init; }

    /// <summary>The API's answer; null when the gate refused, so that there is nobody to ask.</summary>
    public JsonElement? Answer { get; init; }

    public required double Seconds { get; init; }

    public int Partitions => Drops.Sum(d => d.Partitions.Count);

    public long Rows => Drops.Sum(d => d.Partitions.Sum(p => p.Rows));

    public long Quarantined => Drops.Sum(d => d.Quarantined);

    public JsonElement? Prediction => Answer?.GetProperty("predictions")[0];

    public object Document() => new
    {
        sample = Sample,
        folder = Folder,
        partitions = Partitions,
        rows = Rows,
        quarantined = Quarantined,
        run = Trainings[0].Run,
        model = Trainings[0].Model,
        version = Trainings[0].Version,
        gate = Trainings[0].Gate,
        metrics = Trainings[0].Metrics,
        models = Trainings.Select(t => new { run = t.Run, model = t.Model, version = t.Version, gate = t.Gate, metrics = t.Metrics }),
        prediction = Prediction,
        url = Url,
        seconds = Math.Round(Seconds, 2),
    };
}
