using System.Globalization;
using System.Text.Json;
using Serverless.Evaluation;
using Serverless.Feedback;
using Serverless.Models;
using Serverless.Registry;
using Serverless.Statistics;
using Serverless.Storage;
using Serverless.Training;

namespace Serverless.Performance;

/// <summary>Whether the champion does worse on what came true than its holdout promised.</summary>
public sealed record ConceptDriftReport
{
    public required string Metric { get; init; }

    public required int Version { get; init; }

    public required DateTimeOffset From { get; init; }

    public required DateTimeOffset To { get; init; }

    public required int Labels { get; init; }

    /// <summary>Null while there are too few labels, or the metric is not defined.</summary>
    public double? Realised { get; init; }

    public double? RealisedLower { get; init; }

    public double? RealisedUpper { get; init; }

    /// <summary>On the holdout of its training.</summary>
    public double? AtTraining { get; init; }

    public double? TrainingLower { get; init; }

    public double? TrainingUpper { get; init; }

    /// <summary>Realised minus training.</summary>
    public double? Difference { get; init; }

    /// <summary>Worse than the interval of the difference (95 %) allows for chance.</summary>
    public required bool Drifted { get; init; }

    public required string Message { get; init; }
}

/// <summary>
/// Realised metric against that of the training. Both are estimates: the difference counts where it is worse than chance allows, with the standard errors of both (bootstrap) and the normal
/// distribution, two-sided 95 %.
/// </summary>
internal sealed class ConceptDrift(IObjectStore objects)
{
    private const double Level = 0.95;

    /// <param name="predictions">Labelled predictions of the champion within the window.</param>
    public async Task<ConceptDriftReport> JudgeAsync(ModelDefinition model, ModelVersion version, IReadOnlyList<JoinedPrediction> predictions, DateTimeOffset from, DateTimeOffset to, CancellationToken cancel)
    {
        var metric = MetricCatalogue.Find(model, model.Feedback.Metric ?? model.Gate.Metric ?? MetricCatalogue.Default(model.Task).Name)!;
        var report = new ConceptDriftReport { Metric = metric.Name, Version = version.Version, From = from, To = to, Labels = predictions.Count, Drifted = false, Message = "" };
        if (predictions.Count < model.Feedback.MinLabels) return report with { Message = string.Create(CultureInfo.InvariantCulture, $"{predictions.Count} labels of version {version.Version}, of at least {model.Feedback.MinLabels} that are wanted before anything is concluded") };
        if (RealisedFigures.WithError(model, version.Schema, predictions, metric.Name) is not var (value, error)) return report with { Message = $"{metric.Name} is not defined for these labels" };
        var z = NormalQuantile.TwoSided(Level);
        report = report with { Realised = value, RealisedLower = value - (z * error), RealisedUpper = value + (z * error) };
        var (before, interval) = await TrainingAsync(version, metric.Name, cancel);
        if (before is not { } was) return report with { Message = $"the training of version {version.Version} has no {metric.Name} to compare with" };
        var trained = interval is null ? 0 : (interval.Upper - interval.Lower) / (2 * z);
        var half = z * Math.Sqrt((error * error) + (trained * trained));
        var (difference, sign) = (value - was, metric.MoreIsBetter ? 1 : -1);
        var drifted = (sign * difference) + half < 0;
        return report with
        {
            AtTraining = was, TrainingLower = interval?.Lower, TrainingUpper = interval?.Upper, Difference = difference, Drifted = drifted,
            Message = string.Create(CultureInfo.InvariantCulture, $"{metric.Name} of version {version.Version} over {predictions.Count} labels is {value:0.####}, {was:0.####} at training: difference {difference:+0.####;-0.####;0}, of which chance explains {half:0.####}")
                + (drifted ? ": it does worse than it promised" : ""),
        };
    }

    private async Task<(double? Value, MetricInterval? Interval)> TrainingAsync(ModelVersion version, string metric, CancellationToken cancel)
    {
        var value = version.Metrics.TryGetValue(metric, out var known) && double.IsFinite(known) ? known : (double?)null;
        await using var stream = await objects.OpenReadAsync($"{StoreNames.Containers.Runs}/{version.Run}/training.json", cancel);
        if (stream is null) return (value, null);
        var result = await JsonSerializer.DeserializeAsync<TrainingResult>(stream, ServerlessJson.Options, cancel);
        return (value, result?.Intervals?.Candidate.GetValueOrDefault(metric));
    }
}
