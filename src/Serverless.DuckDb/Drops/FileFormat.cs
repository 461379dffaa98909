namespace Serverless.DuckDb.Drops;

internal enum FileKind { Csv, JsonLines, Parquet }

/// <summary>What a file's name says about its form.</summary>
/// <param name="Delimiter">Between the cells of a row, for <see cref="FileKind.Csv"/>.</param>
/// <param name="Compressed">Wrapped in gzip.</param>
internal sealed record FileFormat(FileKind Kind, char Delimiter, bool Compressed)
{
    public const string Known = ".csv, .tsv, .jsonl, .ndjson, .json, .parquet, each also with .gz";

    /// <summary>Null when the extension is none that can be read.</summary>
    public static FileFormat? Of(string fileName)
    {
        var compressed = fileName.EndsWith(".gz", StringComparison.OrdinalIgnoreCase);
        var name = compressed ? fileName[..^3] : fileName;
        return Path.GetExtension(name).ToLowerInvariant() switch
        {
            ".csv" => new FileFormat(FileKind.Csv, ',', compressed),
            ".tsv" => new FileFormat(FileKind.Csv, '\t', compressed),
            ".jsonl" or ".ndjson" or ".json" => new FileFormat(FileKind.JsonLines, '\0', compressed),
            ".parquet" => new FileFormat(FileKind.Parquet, '\0', compressed),
            _ => null,
        };
    }
}
