using Serverless.Datasets;
using Serverless.Partitions;
using Serverless.Problems;
using Serverless.Storage;

namespace Serverless.Scoring;

/// <summary>
/// Cuts the rows of a score run into parts that fit into memory and that workers can share. A small input is one part, read where it lies; partitions are taken together up to the size of a part; a greater file is
/// read once and written as typed Parquet, part by part. The same input gives the same parts, so a step that is repeated finds its own work.
/// </summary>
internal sealed class BatchSplitter(IPartitionReader partitions, IBatchFiles rows, IDataEngine engine, IObjectStore objects, BatchOptions options)
{
    /// <summary>Rows of a part, by the number of columns that are read and answered.</summary>
    public int PartRows(ModelSchema schema) => Math.Clamp(options.PartValues / Math.Max(1, schema.Inputs.Count + schema.Outputs), options.LeastRows, options.MostRows);

    public async Task<BatchParts> OfFileAsync(string run, ScoreState state, IReadOnlyList<RawColumn> columns, int partRows, IProgress<double>? progress, CancellationToken cancel)
    {
        var key = state.Object!;
        using var local = await objects.MaterialiseAsync(key, cancel);
        if (local.Info.ETag != state.ETag) throw Replaced(key);
        var name = Name(key);
        var count = await rows.CountAsync(local.Path, name, cancel);
        if (count is { } known ? known <= partRows : state.PartRows is null && local.Info.Size <= options.SmallText && !name.EndsWith(".gz", StringComparison.OrdinalIgnoreCase))
        {
            return new BatchParts { Parts = [new BatchPart { Form = PartForm.File, Paths = [key], Rows = count }] };
        }

        return await CutAsync(run, [(local.Path, name)], columns, partRows, count, progress, cancel);
    }

    public async Task<BatchParts> OfPartitionsAsync(string run, string dataset, PartitionQuery query, int? after, IReadOnlyList<RawColumn> columns, int partRows, IProgress<double>? progress, CancellationToken cancel)
    {
        var selected = (await partitions.SelectAsync(dataset, query, cancel)).Partitions.Where(p => after is null || (p.RewrittenBy ?? p.Commit).Version > after).ToArray();
        var parts = new List<BatchPart>();
        var (rejects, rejected) = (new List<string>(), 0L);
        var (together, size, before) = (new List<string>(), 0L, 0L);
        var cut = 0;
        void Close()
        {
            if (together.Count > 0) parts.Add(new BatchPart { Form = PartForm.Partitions, Paths = [.. together], Before = before, Rows = size });
            (before, size) = (before + size, 0);
            together.Clear();
        }

        foreach (var partition in selected)
        {
            if (size + partition.Entry.Rows > partRows) Close();
            if (partition.Entry.Rows <= partRows)
            {
                together.Add(partition.Entry.Path);
                size += partition.Entry.Rows;
                continue;
            }

            using var local = await objects.MaterialiseAsync(partition.Entry.Path, cancel);
            var pieces = await CutAsync(run, [(local.Path, Name(partition.Entry.Path))], columns, partRows, partition.Entry.Rows, progress, cancel, cut, before);
            cut += pieces.Parts.Count;
            before += partition.Entry.Rows;
            parts.AddRange(pieces.Parts);
            rejects.AddRange(pieces.Rejects);
            rejected += pieces.Rejected;
        }

        Close();
        return new BatchParts { Parts = parts, Rejects = rejects, Rejected = rejected };
    }

    public static DataException Replaced(string key) => new($"'{key}' was replaced while it was being scored; nothing of the new file was scored. Bring it again under another name.");

    public static string Name(string key) => key[(key.LastIndexOf('/') + 1)..];

    private async Task<BatchParts> CutAsync(
        string run, IReadOnlyList<(string Path, string Name)> files, IReadOnlyList<RawColumn> columns, int partRows, long? total, IProgress<double>? progress, CancellationToken cancel, int first = 0, long before = 0)
    {
        var (parts, rejects, rejected, read) = (new List<BatchPart>(), new List<string>(), 0L, before);
        foreach (var (path, name) in files)
        {
            await foreach (var part in rows.ReadAsync(path, name, columns, partRows, cancel))
            {
                var number = first + parts.Count;
                var (good, bad) = RowJudge.Split(part, columns, before);
                await PutAsync(BatchKeys.Input(run, number), good, cancel);
                if (bad.Count > 0)
                {
                    rejects.Add(BatchKeys.CutRejects(run, number));
                    rejected += bad.Count;
                    await PutAsync(rejects[^1], RejectFile.Write(bad, columns), cancel);
                }

                parts.Add(new BatchPart { Form = PartForm.Cut, Paths = [BatchKeys.Input(run, number)], Before = read, Rows = good.Rows });
                read += part.Rows.Rows;
                if (total is { } all) progress?.Report(Math.Min(1, (read - before) / (double)Math.Max(1, all)));
            }
        }

        return new BatchParts { Parts = parts, Rejects = rejects, Rejected = rejected };
    }

    private Task PutAsync(string key, Table table, CancellationToken cancel) => TableObject.PutAsync(engine, objects, key, table, cancel);
}

/// <summary>How large a part of a batch is.</summary>
public sealed record BatchOptions
{
    /// <summary>Values of one part: with 8 bytes for each, and as much again for what is made of them, a part takes some hundred megabytes at most.</summary>
    public int PartValues { get; init; } = 8_000_000;

    public int LeastRows { get; init; } = 8_192;

    public int MostRows { get; init; } = 1_000_000;

    /// <summary>A text file of up to so many bytes is one part.</summary>
    public long SmallText { get; init; } = 24_000_000;
}

/// <summary>A table as an object, put if absent.</summary>
internal static class TableObject
{
    public static async Task PutAsync(IDataEngine engine, IObjectStore objects, string key, Table table, CancellationToken cancel)
    {
        var folder = Directory.CreateTempSubdirectory("serverless-score-").FullName;
        try
        {
            var file = Path.Combine(folder, "rows.parquet");
            await engine.WriteAsync(file, table, cancel);
            await using var stream = File.OpenRead(file);
            await objects.PutIfAbsentAsync(key, stream, cancel);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
