using System.Globalization;
using Serverless.Datasets;
using Serverless.Partitions;
using Serverless.Problems;
using Serverless.Storage;
using Serverless.Workspaces;

namespace Serverless.Profiles;

internal sealed class DatasetProfiles(Workspace workspace, IPartitionReader partitions, IObjectStore objects, IDataEngine engine) : IDatasetProfiles
{
    // So many are read side by side and held at once; merging goes on in the order of the partitions, so that the answer is the same every time.
    private const int AtOnce = 32;

    public async Task<Profile> OfAsync(string dataset, PartitionRecord partition, CancellationToken cancel = default)
    {
        var definition = workspace.Dataset(dataset);
        var (path, json) = await ReadAsync(partition, cancel);
        if (json is not null && StoredProfile.Read(json, path) is { State: { } state } profile && state.Fits(definition.Columns)) return profile;
        return await AgainAsync(definition, partition, cancel);
    }

    public async Task<ProfileState> MergeAsync(string dataset, IReadOnlyList<PartitionRecord> selected, CancellationToken cancel = default)
    {
        var definition = workspace.Dataset(dataset);
        var merged = ProfileState.Empty(definition.Columns);
        var states = new ProfileState[Math.Min(AtOnce, selected.Count)];
        for (var first = 0; first < selected.Count; first += AtOnce)
        {
            var (start, count) = (first, Math.Min(AtOnce, selected.Count - first));
            await Parallel.ForAsync(0, count, cancel, async (i, stop) => states[i] = await StateAsync(definition, selected[start + i], stop));
            for (var i = 0; i < count; i++) merged.Merge(states[i]);
        }

        return merged.Of(definition.Columns);
    }

    public async Task<IReadOnlyList<PeriodProfile>> ByAsync(string dataset, PartitionQuery query, ProfileGrain by, CancellationToken cancel = default)
    {
        if (workspace.Dataset(dataset).Partition.Grain == PartitionGrain.Month && by != ProfileGrain.Month)
        {
            throw new RequestException($"the partitions of dataset '{dataset}' are months: they merge into months (--by month) and windows, but are not cut into {by.ToString().ToLowerInvariant()}s.");
        }

        var selection = await partitions.SelectAsync(dataset, query, cancel);
        var profiles = new List<PeriodProfile>();
        foreach (var period in selection.Partitions.GroupBy(p => PeriodOf(PartitionKey.Period(p.Key)!.Value.Start, by)).OrderBy(g => g.Key.Start))
        {
            PartitionRecord[] within = [.. period];
            var (name, start, end) = period.Key;
            profiles.Add(new PeriodProfile(name, start, end, within.Length, await MergeAsync(dataset, within, cancel)));
        }

        return profiles;
    }

    internal static (string Name, DateTimeOffset Start, DateTimeOffset End) PeriodOf(DateTimeOffset moment, ProfileGrain by)
    {
        var day = moment.UtcDateTime.Date;
        var start = by switch
        {
            ProfileGrain.Month => new DateTime(day.Year, day.Month, 1, 0, 0, 0, DateTimeKind.Utc),
            ProfileGrain.Week => day.AddDays(-Math.Min((((int)day.DayOfWeek) + 6) % 7, (day - DateTime.MinValue).Days)),
            _ => day,
        };
        var end = by switch
        {
            _ when start >= DateTime.MaxValue.Date.AddDays(-31) => DateTime.MaxValue, // The last period of the calendar has no end in it.
            ProfileGrain.Month => start.AddMonths(1),
            ProfileGrain.Week => start.AddDays(7),
            _ => start.AddDays(1),
        };
        var name = by switch
        {
            ProfileGrain.Month => start.ToString("yyyy-MM", CultureInfo.InvariantCulture),
            ProfileGrain.Week => $"{ISOWeek.GetYear(start):0000}-W{ISOWeek.GetWeekOfYear(start):00}",
            _ => start.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        };
        return (name, new DateTimeOffset(start, TimeSpan.Zero), new DateTimeOffset(end, TimeSpan.Zero));
    }

    private async Task<ProfileState> StateAsync(DatasetDefinition dataset, PartitionRecord partition, CancellationToken cancel)
    {
        var (path, json) = await ReadAsync(partition, cancel);
        if (json is not null && StoredProfile.ReadState(json, path) is { } state && state.Fits(dataset.Columns)) return state;
        return (await AgainAsync(dataset, partition, cancel)).State!;
    }

    private async Task<Profile> AgainAsync(DatasetDefinition dataset, PartitionRecord partition, CancellationToken cancel)
    {
        using var file = await objects.MaterialiseAsync(partition.Entry.Path, cancel);
        return (await engine.InspectAsync([file.Path], dataset with { Checks = [] }, cancel)).Profile;
    }

    private async Task<(string Path, byte[]? Json)> ReadAsync(PartitionRecord partition, CancellationToken cancel)
    {
        var path = Path.ChangeExtension(partition.Entry.Path, ".profile.json");
        await using var stream = await objects.OpenReadAsync(path, cancel);
        if (stream is null) return (path, null);
        using var json = new MemoryStream();
        await stream.CopyToAsync(json, cancel);
        return (path, json.ToArray());
    }
}
