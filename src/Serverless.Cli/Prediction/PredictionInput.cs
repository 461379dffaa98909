using Serverless.Cli.Commands;
using Serverless.Cli.Hosting;
using Serverless.Datasets;
using Serverless.DuckDb.Drops;
using Serverless.Problems;

namespace Serverless.Cli.Prediction;

/// <summary>Rows to predict, whatever form they come in, as bodies that the API would take.</summary>
internal static class PredictionInput
{
    private const int RowsOfOneBody = 10_000;

    public static async IAsyncEnumerable<byte[]> ReadAsync(CommandContext context, string input, IReadOnlyList<RawColumn> columns)
    {
        using var scratch = new ScratchFolder();
        var (path, name) = input == "-" ? await StdinAsync(context, scratch) : (context.FullPath(input), Path.GetFileName(input));
        if (!File.Exists(path)) throw new FileNotFoundException($"file '{input}' does not exist.");
        var plain = name.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? name[..^3] : name;
        if (Path.GetExtension(plain).ToLowerInvariant() is ".json" or ".jsonl" or ".ndjson")
        {
            yield return Wrap(await BytesAsync(path, plain.Length < name.Length, input, context.Cancel), input);
            yield break;
        }

        using var engine = StandaloneEngine.Create();
        var table = await engine.Engine.ReadFileAsync(path, name, columns, context.Cancel);
        if (table.Rows == 0) throw new DataException($"'{input}' has no rows.");
        for (var from = 0; from < table.Rows; from += RowsOfOneBody) yield return TableBody.Write(table, from, Math.Min(RowsOfOneBody, table.Rows - from));
    }

    /// <summary>Stdin says by its first bytes what it is: Parquet's mark, a bracket of JSON, or else CSV.</summary>
    private static async Task<(string Path, string Name)> StdinAsync(CommandContext context, ScratchFolder scratch)
    {
        var path = Path.Combine(scratch.Path, "stdin");
        await using (var file = File.Create(path))
        {
            await using var stdin = context.Console.OpenInput();
            await stdin.CopyToAsync(file, context.Cancel);
        }

        var head = new byte[64];
        await using var again = File.OpenRead(path);
        var start = head.AsMemory(0, await again.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, context.Cancel));
        if (start.Span.Trim(" \t\r\n"u8).IsEmpty) throw new DataException("stdin is empty: send rows as JSON, CSV or Parquet.");
        return (path, Kind(start.Span));
    }

    private static string Kind(ReadOnlySpan<byte> start)
    {
        if (start.StartsWith("PAR1"u8)) return "stdin.parquet";
        if (start.StartsWith("\uFEFF"u8)) start = start[3..];
        return start.TrimStart(" \t\r\n"u8)[0] is (byte)'{' or (byte)'[' ? "stdin.json" : "stdin.csv";
    }

    private static async Task<byte[]> BytesAsync(string path, bool packed, string input, CancellationToken cancel)
    {
        if (!packed) return await File.ReadAllBytesAsync(path, cancel);
        using var gzip = new WholeGzip(File.OpenRead(path));
        using var plain = new MemoryStream();
        try
        {
            await gzip.CopyToAsync(plain, cancel);
        }
        catch (InvalidDataException e)
        {
            throw new DataException($"'{input}' cannot be decompressed: it is no gzip, damaged or cut off. Nothing was predicted; send the file again.", e);
        }

        return plain.ToArray();
    }

    /// <summary><c>{"rows":...}</c> as it is; an array and JSON Lines become one.</summary>
    private static byte[] Wrap(byte[] bytes, string input)
    {
        var text = bytes.AsSpan();
        if (text.StartsWith("\uFEFF"u8)) text = text[3..];
        var trimmed = text.Trim(" \t\r\n"u8);
        if (trimmed.IsEmpty) throw new DataException($"'{input}' is empty: expected rows as JSON.");
        if (trimmed[0] == (byte)'[') return [.. "{\"rows\":"u8, .. text, .. "}"u8];
        return IsRequest(trimmed) ? text.ToArray() : Lines(text);
    }

    /// <summary>One object with a property <c>rows</c> is a request; any other object is a row.</summary>
    private static bool IsRequest(ReadOnlySpan<byte> text)
    {
        var json = new System.Text.Json.Utf8JsonReader(text, new System.Text.Json.JsonReaderOptions { AllowMultipleValues = true });
        try
        {
            if (!json.Read() || json.TokenType != System.Text.Json.JsonTokenType.StartObject) return true;
            while (json.Read() && json.TokenType == System.Text.Json.JsonTokenType.PropertyName)
            {
                if (json.ValueTextEquals("rows"u8)) return true;
                json.Skip();
            }

            return false;
        }
        catch (System.Text.Json.JsonException)
        {
            return false; // the reader of requests says what is wrong, and where
        }
    }

    /// <summary>Objects one after the other, as JSON Lines has them (or pretty-printed), become an array. Line numbers stay what they are.</summary>
    private static byte[] Lines(ReadOnlySpan<byte> text)
    {
        var body = new MemoryStream();
        body.Write("{\"rows\":["u8);
        var json = new System.Text.Json.Utf8JsonReader(text, new System.Text.Json.JsonReaderOptions { AllowMultipleValues = true });
        var end = 0;
        try
        {
            for (var first = true; json.Read(); first = false)
            {
                var start = (int)json.TokenStartIndex;
                json.Skip();
                body.Write(text[end..start]);
                if (!first) body.Write(","u8);
                end = (int)json.BytesConsumed;
                body.Write(text[start..end]);
            }
        }
        catch (System.Text.Json.JsonException)
        {
            // What is not JSON is handed on as it is: the reader of requests says what is wrong, and in which line.
            body.Write(","u8);
        }

        body.Write(text[end..]);
        body.Write("]}"u8);
        return body.ToArray();
    }
}
