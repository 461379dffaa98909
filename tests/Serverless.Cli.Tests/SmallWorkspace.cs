using System.Globalization;
using System.Text;
using Serverless.Testing;

namespace Serverless.Cli.Tests;

/// <summary>A workspace whose data are made up, small, and learnable: late in the evening.</summary>
internal static class SmallWorkspace
{
    public const string Dataset = """
        dataset: trains
        partition: { column: at, grain: day }
        columns:
          at:    { type: timestamp, required: true }
          delay: { type: integer, min: -60, max: 600 }
          line:  { type: string, required: true }
        checks:
          - { check: size, min: 10, severity: error }
          - { check: completeness, column: delay, min: 0.99, severity: warning }
        """;

    public const string Model = """
        model: late
        task: binary
        dataset: trains
        label: delay > 10
        features:
          hour: at.Hour
          line: { from: line, encode: category }
        trainer: { name: lightgbm, iterations: 10, leaves: 7 }
        holdout: 2d
        gate: { metric: auc, min: 0.6 }
        """;

    public static TempFolder Create(string? model = null)
    {
        var folder = new TempFolder();
        folder.Write("serverless.yaml", "name: trains\n");
        folder.Write("datasets/trains.yaml", Dataset);
        folder.Write("models/late.yaml", model ?? Model);
        return folder;
    }

    /// <summary>One day's drop of <paramref name="rows"/> rows, and its path.</summary>
    public static string Day(this TempFolder folder, int day, int rows = 240, string? also = null)
    {
        var csv = new StringBuilder("at,delay,line\n");
        for (var i = 0; i < rows; i++)
        {
            var hour = i % 24;
            var delay = hour >= 16 ? 5 + ((i * 7) + day) % 30 : ((i * 5) + day) % 14;
            csv.Append(CultureInfo.InvariantCulture, $"2024-03-{day:00} {hour:00}:{i % 60:00}:00,{delay},{(i % 3) switch { 0 => "red", 1 => "green", _ => "blue" }}\n");
        }

        return folder.Write($"drops/2024-03-{day:00}.csv", csv + also);
    }

    /// <summary>Ten days, ingested.</summary>
    public static async Task<TempFolder> WithDataAsync(string? model = null, int days = 10)
    {
        var folder = Create(model);
        var files = Enumerable.Range(1, days).Select(d => folder.Day(d)).ToArray();
        await Cli.DoneAsync(folder.Path, ["ingest", "trains", .. files]);
        return folder;
    }
}
