using System.IO.Compression;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Checks;
using Serverless.Datasets;
using Serverless.Partitions;

namespace Serverless.DuckDb.Tests;

/// <summary>An engine and a folder of its own for each test.</summary>
public sealed class EngineFixture : IDisposable
{
    public EngineFixture() => Engine = new ServiceCollection().AddChecks().AddDuckDb().BuildServiceProvider().GetRequiredService<IDataEngine>();

    public IDataEngine Engine { get; }

    public string Folder { get; } = Directory.CreateTempSubdirectory("engine-tests-").FullName;

    public static DatasetDefinition Flights { get; } = new()
    {
        Name = "flights", File = "datasets/flights.yaml", ContractVersion = "0123456789abcdef",
        Partition = new PartitionScheme("date", PartitionGrain.Day),
        Columns =
        [
            new() { Name = "date", Type = ColumnType.Timestamp, Required = true },
            new() { Name = "delay", Type = ColumnType.Integer, Unit = "minutes", Min = -120, Max = 2000 },
            new() { Name = "distance", Type = ColumnType.Integer, Unit = "miles", Min = 1 },
            new() { Name = "origin", Type = ColumnType.String, Required = true, Pattern = "^[A-Z]{3}$" },
            new() { Name = "destination", Type = ColumnType.String, Required = true, Pattern = "^[A-Z]{3}$" },
        ],
        Checks =
        [
            new() { Check = "size", Parameters = new Dictionary<string, Parameter> { ["min"] = new(["2"], false, 1, 1) } },
            new() { Check = "completeness", Column = "delay", Parameters = new Dictionary<string, Parameter> { ["min"] = new(["0.95"], false, 1, 1) } },
        ],
    };

    public string Write(string name, string text) => WriteBytes(name, Encoding.UTF8.GetBytes(text));

    public string WriteBytes(string name, byte[] bytes)
    {
        var path = Path.Combine(Folder, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    public string WriteGzip(string name, string text)
    {
        var path = Path.Combine(Folder, name);
        using var file = new GZipStream(File.Create(path), CompressionLevel.Fastest);
        file.Write(Encoding.UTF8.GetBytes(text));
        return path;
    }

    public Task<PartitionedDrop> PartitionAsync(string path, DatasetDefinition? dataset = null, string folder = "out") =>
        Engine.PartitionAsync(path, Path.GetFileName(path), dataset ?? Flights, new DateTimeOffset(2001, 2, 3, 4, 5, 6, TimeSpan.Zero), Path.Combine(Folder, folder));

    public async Task<PartitionedDrop> PartitionAsync(string name, string text, DatasetDefinition? dataset = null) => await PartitionAsync(Write(name, text), dataset);

    /// <summary>Rows of a Parquet file, each cell as text, null as empty, joined by a bar.</summary>
    public static List<string> Rows(string parquet)
    {
        using var session = Sessions.Session.Open();
        return [.. session.Rows($"SELECT * FROM read_parquet({Sessions.Sql.Path(parquet)}, hive_partitioning=false)").Select(r => string.Join("|", r.Select(Cell)))];
    }

    private static string Cell(object? value) => value switch
    {
        null => "",
        DateTime time => time.ToString("yyyy-MM-dd HH:mm:ss", System.Globalization.CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture)!,
    };

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
