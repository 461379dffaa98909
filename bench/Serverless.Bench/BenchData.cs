using DuckDB.NET.Data;

namespace Serverless.Bench;

/// <summary>Where the real data are, and where what is made of them goes (both git-ignored).</summary>
internal static class BenchData
{
    /// <summary>The folder bench/ of the repository.</summary>
    public static string Root { get; } = Find();

    /// <summary>3,000,000 US flights of 2001, columns date, delay, distance, origin, destination.</summary>
    public static string FlightsParquet
    {
        get
        {
            var path = Path.Combine(Root, "node_modules", "vega-datasets", "data", "flights-3m.parquet");
            return File.Exists(path) ? path : throw new FileNotFoundException("the real data are not here yet; run: npm ci --prefix bench", path);
        }
    }

    public static string Made(string name)
    {
        Directory.CreateDirectory(Path.Combine(Root, "artifacts"));
        return Path.Combine(Root, "artifacts", name);
    }

    /// <summary>Writes what a query over the flights (<c>flights</c>) gives as CSV, unless it is there already.</summary>
    public static void MakeCsv(string path, string query)
    {
        if (File.Exists(path)) return;
        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"CREATE VIEW flights AS SELECT * FROM '{FlightsParquet}'; COPY ({query}) TO '{path}.part' (FORMAT csv)";
        command.ExecuteNonQuery();
        File.Move(path + ".part", path);
    }

    private static string Find()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "Serverless.sln"))) return Path.Combine(folder, "bench");
        }

        throw new DirectoryNotFoundException("the benchmarks run from within the repository");
    }
}
