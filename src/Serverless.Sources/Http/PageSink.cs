using System.Text;
using System.Text.Json;

namespace Serverless.Sources.Http;

/// <summary>Puts pages together into one drop: CSV under one header, JSON as a line for each row.</summary>
internal sealed class PageSink(HttpSource source, string path, Watermark? mark) : IAsyncDisposable
{
    private const long MostInMemory = 256L << 20;

    private readonly FileStream drop = new(path, FileMode.Create);
    private string? header;

    public long Rows { get; private set; }

    /// <summary>Adds a page, and says how many rows it has and what its paging field holds. Throws before anything of the page is added, when it is not whole.</summary>
    public async Task<(long Rows, string? Field)> AddAsync(HttpPage page, int number, CancellationToken cancel)
    {
        var before = drop.Position;
        try
        {
            var (rows, field) = source.Format switch
            {
                SourceFormat.Json => await JsonAsync(page.Path, number, cancel),
                SourceFormat.Jsonl => (await LinesAsync(page.Path, number, cancel), null),
                SourceFormat.Parquet => (await CopyAsync(page.Path, cancel), null),
                _ => (await DelimitedAsync(page.Path, number, cancel), null),
            };
            Rows += rows;
            return (rows, field);
        }
        catch (JsonException e)
        {
            drop.SetLength(before);
            throw new PassingException($"the answer is not whole JSON (line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}): {First(e.Message)}", inner: e);
        }
    }

    public async Task FlushAsync(CancellationToken cancel) => await drop.FlushAsync(cancel);

    public ValueTask DisposeAsync() => drop.DisposeAsync();

    private async Task<(long, string?)> JsonAsync(string file, int number, CancellationToken cancel)
    {
        await using var stream = File.OpenRead(file);
        if (source.Items is null && source.Paging?.Field is null)
        {
            long count = 0;
            if (FirstCharacter(stream) != '[') throw await NoArrayAsync(file, number, cancel);
            await foreach (var row in JsonSerializer.DeserializeAsyncEnumerable<JsonElement>(stream, ServerlessJson.Options, cancel)) Write(row, number, ++count);
            return (count, null);
        }

        if (stream.Length > MostInMemory) throw new SourceException($"page {number} has {stream.Length} bytes; at most {MostInMemory} are read where rows are part of an object. Ask for smaller pages.");
        using var document = await JsonDocument.ParseAsync(stream, default, cancel);
        if (At(document.RootElement, source.Items) is not { ValueKind: JsonValueKind.Array } items)
        {
            throw new SourceException($"page {number}: there is no array at '{source.Items ?? "the top"}'.{Keys(document.RootElement)}");
        }

        long rows = 0;
        foreach (var row in items.EnumerateArray()) Write(row, number, ++rows);
        var field = source.Paging?.Field is { } path && At(document.RootElement, path) is { } value
            ? value.ValueKind switch { JsonValueKind.String => value.GetString(), JsonValueKind.Number => value.GetRawText(), _ => null } : null;
        return (rows, field);
    }

    private static async Task<SourceException> NoArrayAsync(string file, int number, CancellationToken cancel)
    {
        await using var stream = File.OpenRead(file);
        using var document = await JsonDocument.ParseAsync(stream, default, cancel);
        return new SourceException($"page {number}: the answer is no array of rows; say where it is with 'items'.{Keys(document.RootElement)}");
    }

    private void Write(JsonElement row, int page, long number)
    {
        if (row.ValueKind != JsonValueKind.Object) throw new SourceException($"page {page}, row {number}: expected an object with columns, found {row.ValueKind.ToString().ToLowerInvariant()}.");
        if (mark is not null)
        {
            if (!row.TryGetProperty(source.Since!.Column, out var value)) throw new SourceException($"page {page}, row {number}: there is no '{source.Since.Column}', by which new rows are told.");
            if (Watermark.Text(value) is { } text) mark.See(text);
        }

        using (var json = new Utf8JsonWriter(drop)) row.WriteTo(json);
        drop.WriteByte((byte)'\n');
    }

    private async Task<long> LinesAsync(string file, int number, CancellationToken cancel)
    {
        using var reader = new StreamReader(file, Encoding.UTF8);
        long count = 0;
        for (var line = 0L; await reader.ReadLineAsync(cancel) is { } text; line++)
        {
            if (string.IsNullOrWhiteSpace(text)) continue;
            try
            {
                using var row = JsonDocument.Parse(text);
                Write(row.RootElement, number, ++count);
            }
            catch (JsonException e)
            {
                throw new JsonException(e.Message, null, line, e.BytePositionInLine);
            }
        }

        return count;
    }

    private async Task<long> CopyAsync(string file, CancellationToken cancel)
    {
        await using var from = File.OpenRead(file);
        await from.CopyToAsync(drop, cancel);
        return 1;
    }

    private async Task<long> DelimitedAsync(string file, int number, CancellationToken cancel)
    {
        await using var from = File.OpenRead(file);
        var (line, length) = await HeaderAsync(from, cancel);
        if (line is null) return 0;
        if (header is null) header = line;
        else if (header != line) throw new SourceException($"page {number} has other columns than page 1: '{Cut(line)}' instead of '{Cut(header)}'.");
        var headed = drop.Position > 0;
        from.Position = headed ? length : 0;
        var (counter, last) = (new RowCounter(), (byte)'\n');
        var buffer = new byte[1 << 16];
        for (int read; (read = await from.ReadAsync(buffer, cancel)) > 0; last = buffer[read - 1])
        {
            counter.See(buffer.AsSpan(0, read));
            await drop.WriteAsync(buffer.AsMemory(0, read), cancel);
        }

        if (last != (byte)'\n') drop.WriteByte((byte)'\n');
        return headed ? counter.Rows : counter.Rows - 1;
    }

    private static async Task<(string? Line, long Length)> HeaderAsync(Stream from, CancellationToken cancel)
    {
        var bytes = new MemoryStream();
        var one = new byte[1];
        while (await from.ReadAsync(one, cancel) == 1)
        {
            bytes.WriteByte(one[0]);
            if (one[0] == (byte)'\n' || bytes.Length > 1 << 20) break;
        }

        return bytes.Length == 0 ? (null, 0) : (Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length).TrimStart('\uFEFF').TrimEnd('\r', '\n'), bytes.Length);
    }

    private static JsonElement? At(JsonElement root, string? path)
    {
        if (path is null) return root;
        var at = root;
        foreach (var name in path.Split('.'))
        {
            if (at.ValueKind != JsonValueKind.Object || !at.TryGetProperty(name, out at)) return null;
        }

        return at;
    }

    private static string Keys(JsonElement root) => root.ValueKind == JsonValueKind.Object
        ? $" The answer has: {string.Join(", ", root.EnumerateObject().Select(p => p.Value.ValueKind == JsonValueKind.Array ? p.Name + " (an array)" : p.Name).Take(20))}." : "";

    private static int FirstCharacter(Stream stream)
    {
        int b;
        do b = stream.ReadByte();
        while (b is ' ' or '\t' or '\r' or '\n' or 0xEF or 0xBB or 0xBF);
        stream.Position = 0;
        return b;
    }

    private static string First(string message) => message.Split(" Path:")[0].Split(" LineNumber:")[0];

    private static string Cut(string text) => text.Length <= 80 ? text : text[..80] + "...";

    /// <summary>Counts rows of delimited text: line ends outside quotes, and a last line without one.</summary>
    private sealed class RowCounter
    {
        private bool quoted;
        private bool open;

        public long Rows { get; private set; }

        public void See(ReadOnlySpan<byte> bytes)
        {
            foreach (var b in bytes)
            {
                if (b == (byte)'"') quoted = !quoted;
                if (b == (byte)'\n' && !quoted)
                {
                    if (open) Ends();
                }
                else if (b != (byte)'\r' && !open)
                {
                    open = true;
                    Rows++;
                }
            }
        }

        private void Ends() => open = false;
    }
}
