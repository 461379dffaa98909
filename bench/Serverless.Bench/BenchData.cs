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

    private static string Find()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "Serverless.sln"))) return Path.Combine(folder, "bench");
        }

        throw new DirectoryNotFoundException("the benchmarks run from within the repository");
    }
}
