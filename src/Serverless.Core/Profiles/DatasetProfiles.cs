using System.Buffers;
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
    private const int AtOnce = 8;

    private const int FirstBuffer = 1 << 16;

    public async Task<Profile> OfAsync(string dataset, PartitionRecord partition, CancellationToken cancel = default)
    {
        var definition = workspace.Dataset(dataset);
        var profile = await DocumentAsync<Profile>(partition, static (json, path) => StoredProfile.Read(json, path), cancel);
        return profile is { State: { } state } && state.Fits(definition.Columns) ? profile : await AgainAsync(definition, partition, cancel);
    }

    public async Task<ProfileState> MergeAsync(string dataset, IReadOnlyList<PartitionRecord> selected, CancellationToken cancel = default)
    {
        var definition = workspace.Dataset(dataset);
        var merged = ProfileState.Empty(definition.Columns);
        var reading = ReadAsync(definition, selected, 0, cancel);
        for (var first = 0; first < selected.Count; first += AtOnce)
        {
            var states = await reading;
            reading = ReadAsync(definition, selected, first + AtOnce, cancel); // The next ones are read while these are merged.
            foreach (var state in states) merged.Merge(state);
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

    private async Task<ProfileState[]> ReadAsync(DatasetDefinition dataset, IReadOnlyList<PartitionRecord> selected, int first, CancellationToken cancel)
    {
        var states = new ProfileState[Math.Clamp(selected.Count - first, 0, AtOnce)];
        await Parallel.ForAsync(0, states.Length, cancel, async (i, stop) => states[i] = await StateAsync(dataset, selected[first + i], stop));
        return states;
    }

    private async Task<ProfileState> StateAsync(DatasetDefinition dataset, PartitionRecord partition, CancellationToken cancel)
    {
        var state = await DocumentAsync<ProfileState?>(partition, static (json, path) => StoredProfile.ReadState(json, path), cancel);
        return state is not null && state.Fits(dataset.Columns) ? state : (await AgainAsync(dataset, partition, cancel)).State!;
    }

    private async Task<Profile> AgainAsync(DatasetDefinition dataset, PartitionRecord partition, CancellationToken cancel)
    {
        using var file = await objects.MaterialiseAsync(partition.Entry.Path, cancel);
        return (await engine.InspectAsync([file.Path], dataset with { Checks = [] }, cancel)).Profile;
    }

    // Documents of wide datasets are large objects, and a year has hundreds: their bytes are read into memory that is used again.
    private async Task<T?> DocumentAsync<T>(PartitionRecord partition, DocumentReader<T> read, CancellationToken cancel)
    {
        var path = Path.ChangeExtension(partition.Entry.Path, ".profile.json");
        await using var stream = await objects.OpenReadAsync(path, cancel);
        if (stream is null) return default;
        var buffer = ArrayPool<byte>.Shared.Rent(stream.CanSeek ? (int)Math.Min(stream.Length + 1, Array.MaxLength) : FirstBuffer);
        try
        {
            var length = 0;
            for (int more; (more = await stream.ReadAsync(buffer.AsMemory(length), cancel)) > 0;)
            {
                length += more;
                if (length < buffer.Length) continue;
                var larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
                buffer.CopyTo(larger, 0);
                ArrayPool<byte>.Shared.Return(buffer);
                buffer = larger;
            }

            return read(buffer.AsSpan(0, length), path);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private delegate T DocumentReader<out T>(ReadOnlySpan<byte> json, string path);
}
