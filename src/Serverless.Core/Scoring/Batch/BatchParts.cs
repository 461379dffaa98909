using System.Globalization;
using System.Text.Json;
using Serverless.Problems;
using Serverless.Storage;

namespace Serverless.Scoring;

/// <summary>How the rows of a score run are cut. Written once, so that whoever scores a part scores the same rows.</summary>
public sealed record BatchParts
{
    public const int Known = 1;

    public int SchemaVersion { get; init; } = Known;

    public required IReadOnlyList<BatchPart> Parts { get; init; }

    /// <summary>Rows that were rejected while the input was cut.</summary>
    public long Rejected { get; init; }

    /// <summary>Object keys of the files with them.</summary>
    public IReadOnlyList<string> Rejects { get; init; } = [];
}

/// <summary>Some rows of a score run.</summary>
public sealed record BatchPart
{
    public required PartForm Form { get; init; }

    /// <summary>Object keys of the files that hold the rows, in their order.</summary>
    public required IReadOnlyList<string> Paths { get; init; }

    /// <summary>Rows of the whole before the first of these.</summary>
    public long Before { get; init; }

    /// <summary>How many rows it has; null = reading tells.</summary>
    public long? Rows { get; init; }
}

public enum PartForm
{
    /// <summary>A file as it was brought.</summary>
    File,

    /// <summary>Partitions of the model's dataset.</summary>
    Partitions,

    /// <summary>A part that was cut off a greater file: typed columns, rejected rows left out, and the row's number in <c>_row</c>.</summary>
    Cut,
}

/// <summary>Object keys of what a score run keeps.</summary>
internal static class BatchKeys
{
    /// <summary>A file that was brought with the run, or taken out of the inbox.</summary>
    public static string Source(string run, string fileName) => ObjectKey.Check($"{Folder(run)}/source/{fileName}");

    public static string Parts(string run) => $"{Folder(run)}/parts.json";

    public static string Input(string run, int part) => $"{Inputs(run)}{Number(part)}.parquet";

    public static string Inputs(string run) => $"{Folder(run)}/input/";

    public static string Predictions(string run, int part, int parts) => parts == 1 ? $"{Folder(run)}/predictions.parquet" : $"{Folder(run)}/predictions/{Number(part)}.parquet";

    public static string Predictions(string run, int parts) => parts == 1 ? Predictions(run, 0, 1) : $"{Folder(run)}/predictions/";

    public static string Rejects(string run, int part, int parts) => parts == 1 ? $"{Folder(run)}/rejects.parquet" : $"{Folder(run)}/rejects/{Number(part)}.parquet";

    /// <summary>Of rows that were rejected while part n was cut.</summary>
    public static string CutRejects(string run, int part) => $"{Folder(run)}/rejects/cut-{Number(part)}.parquet";

    private static string Folder(string run) => $"{StoreNames.Containers.Runs}/{run}";

    private static string Number(int part) => part.ToString("D5", CultureInfo.InvariantCulture);
}

/// <summary>The list of parts in the store.</summary>
internal sealed class BatchPartsStore(IObjectStore objects)
{
    public async Task WriteAsync(string run, BatchParts parts, CancellationToken cancel)
    {
        using var json = new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(parts, ServerlessJson.Options));
        await objects.PutIfAbsentAsync(BatchKeys.Parts(run), json, cancel);
    }

    public async Task<BatchParts> ReadAsync(string run, CancellationToken cancel)
    {
        await using var stream = await objects.OpenReadAsync(BatchKeys.Parts(run), cancel) ?? throw new ObjectMissingException(BatchKeys.Parts(run));
        var parts = (await JsonSerializer.DeserializeAsync<BatchParts>(stream, ServerlessJson.Options, cancel))!;
        return parts.SchemaVersion <= BatchParts.Known ? parts
            : throw new EnvironmentException($"the parts of run '{run}' were written by a newer version (schemaVersion {parts.SchemaVersion}; this one reads up to {BatchParts.Known}). Update this installation.");
    }
}
