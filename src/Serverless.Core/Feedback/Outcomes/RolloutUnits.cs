using System.Globalization;
using Serverless.Storage;

namespace Serverless.Feedback;

/// <summary>A subject of a rollout: the variant that it met first.</summary>
internal sealed record Unit(string Variant, int Version, DateTimeOffset Met, string Id)
{
    /// <summary>It met another variant later.</summary>
    public bool Crossed { get; init; }
}

/// <summary>
/// Who takes part in a rollout, from the prediction log: <c>feedback/&lt;model&gt;/_rollouts/&lt;rollout&gt;.tsv</c>. Only files of the log that are new are read; reading one again changes nothing.
/// </summary>
internal sealed class RolloutUnits(IObjectStore objects, LoggedAnswers log)
{
    private const string Files = "#file\t";

    /// <summary>Units by the hash of their subject; of a shadow, by hash and variant, since a row is answered by both.</summary>
    public async Task<IReadOnlyDictionary<string, Unit>> UpdateAsync(string model, string rollout, bool shadow, DateTimeOffset startedAt, DateTimeOffset now, CancellationToken cancel)
    {
        var key = $"{StoreNames.Containers.Feedback}/{model}/_rollouts/{rollout}.tsv";
        for (var attempt = 0; attempt < 8; attempt++)
        {
            var head = await objects.HeadAsync(key, cancel);
            var (units, files) = await ReadAsync(key, cancel);
            var changed = new List<ObjectInfo>();
            await foreach (var file in log.FilesAsync(model, startedAt, now.AddDays(1), cancel)) if (files.GetValueOrDefault(file.Key) != file.ETag) changed.Add(file);
            if (changed.Count == 0) return units;
            await log.ReadAsync([.. changed.Select(c => c.Key)], inputs: false, (rows, i) =>
            {
                if (rows.Rollout(i) == rollout) Meet(units, rows[i], shadow);
                return false;
            }, cancel);
            foreach (var file in changed) files[file.Key] = file.ETag;
            using var text = Write(units, files);
            if ((head is null ? await objects.PutIfAbsentAsync(key, text, cancel) : await objects.ReplaceAsync(key, text, head.ETag, cancel)) is not null) return units;
        }

        throw new IOException($"'{key}' is changed by others all the time");
    }

    public static string Key(LoggedAnswer row, bool shadow) => Key(row.Subject, row.Variant, shadow);

    public static string Key(string? subject, string? variant, bool shadow) => shadow ? $"{subject}/{variant}" : subject ?? "";

    private static void Meet(Dictionary<string, Unit> units, LoggedAnswer row, bool shadow)
    {
        // Who is outside of its part of the layer, or met it while it was switched off, does not take part.
        if (row.Subject is null || row.Variant is null || row.Assignment is "outside" or "off") return;
        var key = Key(row, shadow);
        if (!units.TryGetValue(key, out var before)) units[key] = new Unit(row.Variant, row.Version, row.Time, row.Id);
        else if (row.Time < before.Met || (row.Time == before.Met && string.CompareOrdinal(row.Id, before.Id) < 0))
        {
            units[key] = new Unit(row.Variant, row.Version, row.Time, row.Id) { Crossed = before.Crossed || before.Variant != row.Variant };
        }
        else if (before.Variant != row.Variant && !before.Crossed) units[key] = before with { Crossed = true };
    }

    private async Task<(Dictionary<string, Unit> Units, SortedDictionary<string, string> Files)> ReadAsync(string key, CancellationToken cancel)
    {
        var (units, files) = (new Dictionary<string, Unit>(StringComparer.Ordinal), new SortedDictionary<string, string>(StringComparer.Ordinal));
        await using var stream = await objects.OpenReadAsync(key, cancel);
        if (stream is null) return (units, files);
        using var reader = new StreamReader(stream);
        while (await reader.ReadLineAsync(cancel) is { } line)
        {
            var cells = line.Split('\t');
            if (line.StartsWith(Files, StringComparison.Ordinal)) files[cells[1]] = cells[2];
            else units[cells[0]] = new Unit(cells[1], int.Parse(cells[2], CultureInfo.InvariantCulture), new DateTimeOffset(long.Parse(cells[3], CultureInfo.InvariantCulture), TimeSpan.Zero), cells[4]) { Crossed = cells[5] == "1" };
        }

        return (units, files);
    }

    private static MemoryStream Write(Dictionary<string, Unit> units, SortedDictionary<string, string> files)
    {
        var text = new MemoryStream();
        using (var writer = new StreamWriter(text, leaveOpen: true))
        {
            foreach (var (file, etag) in files) writer.Write($"{Files}{file}\t{etag}\n");
            foreach (var (key, unit) in units.OrderBy(u => u.Key, StringComparer.Ordinal)) writer.Write(string.Create(CultureInfo.InvariantCulture, $"{key}\t{unit.Variant}\t{unit.Version}\t{unit.Met.UtcTicks}\t{unit.Id}\t{(unit.Crossed ? 1 : 0)}\n"));
        }

        text.Position = 0;
        return text;
    }
}
