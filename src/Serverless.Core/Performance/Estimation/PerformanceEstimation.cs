using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Serverless.Feedback;
using Serverless.Models;
using Serverless.Monitoring;
using Serverless.Partitions;
using Serverless.Registry;
using Serverless.Rollouts;
using Serverless.Storage;
using Serverless.Training;

namespace Serverless.Performance;

/// <summary>Estimates of each day's predictions, by version and variant. A day is estimated again when its log changed; the present one now and then.</summary>
internal sealed class PerformanceEstimation(
    LoggedAnswers log, IModelRegistry registry, ReferenceStore references, IDataEngine engine, TrainerCatalogue trainers, RealisedStore store, FeedbackOptions options)
{
    /// <param name="eager">Also the present day, however recently it was estimated.</param>
    public async Task EstimateAsync(ModelDefinition model, DateTimeOffset now, bool eager, CancellationToken cancel)
    {
        var days = new SortedDictionary<DateOnly, List<ObjectInfo>>();
        await foreach (var file in log.FilesAsync(model.Name, now - model.Feedback.Window, now.AddHours(1), cancel))
        {
            if (LoggedAnswers.HourOf(file.Key) is not { } hour) continue;
            var day = DateOnly.FromDateTime(hour.UtcDateTime);
            if (!days.TryGetValue(day, out var files)) days[day] = files = [];
            files.Add(file);
        }

        var estimators = new Dictionary<int, VersionEstimator?>();
        foreach (var (day, files) in days)
        {
            var source = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', files.Select(f => $"{f.Key} {f.ETag}")))))[..24];
            var before = await store.ReadAsync<EstimatedDay>(Key(model.Name, day), d => d.SchemaVersion, cancel);
            if (before?.Source == source || (!eager && before is not null && now - before.At < options.LookEvery)) continue;
            var all = await log.ReadAsync([.. files.Select(f => f.Key)], inputs: model.Task == TaskKind.Regression, static (_, _) => true, cancel);
            var groups = new List<EstimatedGroup>();
            foreach (var group in all.GroupBy(p => (p.Version, Part: Part(p))).OrderBy(g => g.Key.Version).ThenBy(g => g.Key.Part, StringComparer.Ordinal))
            {
                if (!estimators.TryGetValue(group.Key.Version, out var estimator)) estimators[group.Key.Version] = estimator = await EstimatorAsync(model, group.Key.Version, cancel);
                groups.Add(estimator is null ? new EstimatedGroup { Version = group.Key.Version, Variant = group.Key.Part, Rows = group.Count(), Note = "this version is not in the registry any more, or does another task" }
                    : estimator.Estimate(group.Key.Version, group.Key.Part, [.. group], cancel));
            }

            await store.WriteAsync(Key(model.Name, day), new EstimatedDay { Model = model.Name, Day = day, At = now, Source = source, Groups = groups }, cancel);
        }
    }

    public static string Key(string model, DateOnly day) => string.Create(CultureInfo.InvariantCulture, $"{RealisedStore.Folder(model)}estimated-date={day:yyyy-MM-dd}.json");

    private async Task<VersionEstimator?> EstimatorAsync(ModelDefinition model, int number, CancellationToken cancel) =>
        await registry.FindAsync(model.Name, number, cancel) is { } version && version.Schema.Task == model.Task ? await VersionEstimator.FitAsync(model, version, references, engine, registry, trainers, cancel) : null;

    private static string Part(LoggedAnswer p) => p.Role == RolloutVariant.Shadow ? RolloutVariant.Shadow : p.Variant is null or RolloutVariant.Shadow ? p.Role : p.Variant;
}
