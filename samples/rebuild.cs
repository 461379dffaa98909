// Rebuilds samples/*/drops from the npm package vega-datasets 3.2.1, byte for byte:
//
//   npm pack vega-datasets@3.2.1 && tar xzf vega-datasets-3.2.1.tgz
//   dotnet run samples/rebuild.cs -- package/data samples
//
// Nothing is random: a flight is kept by its place in the file. gzip is written without name and time.
#:package DuckDB.NET.Data.Full
#:property PublishAot=false

using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using DuckDB.NET.Data;

if (args is not [var source, var target] || !File.Exists(Path.Combine(source, "flights-3m.parquet")))
{
    Console.Error.WriteLine("usage: dotnet run samples/rebuild.cs -- <folder 'data' of vega-datasets 3.2.1> <folder 'samples'>");
    return 2;
}

using var connection = new DuckDBConnection("Data Source=:memory:");
connection.Open();

// Every fourth flight of sixty days. The flights that the contract refuses (a delay of -1116 minutes...) are so rare that chance would lose them: all are kept.
var flights = Write("flights", ".csv.gz", $"""
    SELECT strftime(date, '%Y-%m-%d') AS drop, strftime(date, '%Y-%m-%d %H:%M:%S') AS date, delay, distance, origin, destination
    FROM read_parquet('{Path.Combine(source, "flights-3m.parquet")}', file_row_number = true)
    WHERE date < TIMESTAMP '2001-03-02' AND (file_row_number % 4 = 0 OR delay NOT BETWEEN -120 AND 2000)
    ORDER BY file_row_number
    """);

// What a model may know about a day is what the days before it were like, so those stand beside it. The first days have no days before them: empty.
var weather = Write("weather", ".csv", $"""
    SELECT strftime(date, '%Y-%m') AS drop, strftime(date, '%Y-%m-%d') AS date, weather, temp_max, temp_min, precipitation, wind,
        lag(weather, 1) OVER days AS weather_1d,
        lag(temp_max, 1) OVER days AS temp_max_1d,
        lag(temp_max, 2) OVER days AS temp_max_2d,
        lag(temp_max, 3) OVER days AS temp_max_3d,
        round((avg(temp_max) OVER (days ROWS BETWEEN 7 PRECEDING AND 1 PRECEDING))::DECIMAL(9, 6), 2) AS temp_max_7d,
        lag(temp_min, 1) OVER days AS temp_min_1d,
        lag(precipitation, 1) OVER days AS precipitation_1d,
        lag(precipitation, 2) OVER days AS precipitation_2d,
        lag(wind, 1) OVER days AS wind_1d
    FROM read_csv('{Path.Combine(source, "seattle-weather.csv")}', types = {'{'}'temp_max': 'DECIMAL(5,1)', 'temp_min': 'DECIMAL(5,1)', 'precipitation': 'DECIMAL(5,1)', 'wind': 'DECIMAL(5,1)'{'}'})
    WINDOW days AS (ORDER BY date)
    ORDER BY date
    """);
Console.WriteLine($"flights {flights}{Environment.NewLine}weather {weather}");
return 0;

// One file for each value of the first column, with the other columns as CSV. Returns a summary with a digest over all bytes.
string Write(string sample, string extension, string sql)
{
    var folder = Path.Combine(target, sample, "drops");
    if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
    Directory.CreateDirectory(folder);
    var drops = new SortedDictionary<string, StringBuilder>(StringComparer.Ordinal);
    var rows = 0;
    using var command = connection.CreateCommand();
    command.CommandText = sql;
    using var reader = command.ExecuteReader();
    var header = string.Join(',', Enumerable.Range(1, reader.FieldCount - 1).Select(reader.GetName));
    for (; reader.Read(); rows++)
    {
        var name = reader.GetString(0);
        if (!drops.TryGetValue(name, out var csv)) drops[name] = csv = new StringBuilder(header).Append('\n');
        for (var i = 1; i < reader.FieldCount; i++)
        {
            csv.Append(i > 1 ? "," : "").Append(reader.IsDBNull(i) ? "" : Convert.ToString(reader.GetValue(i), System.Globalization.CultureInfo.InvariantCulture));
        }

        csv.Append('\n');
    }

    using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    var size = 0L;
    foreach (var (name, csv) in drops)
    {
        var bytes = Encoding.UTF8.GetBytes(csv.ToString());
        if (extension.EndsWith(".gz", StringComparison.Ordinal))
        {
            using var packed = new MemoryStream();
            using (var gzip = new GZipStream(packed, CompressionLevel.SmallestSize)) gzip.Write(bytes);
            bytes = packed.ToArray();
        }

        File.WriteAllBytes(Path.Combine(folder, name + extension), bytes);
        digest.AppendData(bytes);
        size += bytes.Length;
    }

    return $"{drops.Count} files, {rows} rows, {size} bytes, sha-256 {Convert.ToHexStringLower(digest.GetHashAndReset())}";
}
