using System.Globalization;
using System.IO.Compression;
using Serverless.Drift.Shape;
using Serverless.Testing;

namespace Serverless.Core.Tests.Drift.Shape;

/// <summary>The samples' own data, as their drops hold them.</summary>
public sealed class RealShapeTests
{
    [Fact]
    public void Find_TemperatureOfSeattleByMonth_ComesBackEveryYear()
    {
        var months = Drops("weather", "*.csv", "temp_max").Select(d => (d.Key, Value: (double?)d.Values.Average())).ToArray();
        months.Length.ShouldBe(48);
        var shape = ShapeFinder.Find([.. months.Select(m => m.Key)], [.. months.Select(m => m.Value)]);
        (shape.Kind, shape.Period).ShouldBe((ShapeKind.Recurrent, 12), shape.Message);
        shape.Autocorrelation!.Value.ShouldBeGreaterThan(0.6);
    }

    [Fact]
    public void Find_FlightsByDay_ComeBackEveryWeek()
    {
        var days = Drops("flights", "*.csv.gz", "delay").Where(d => string.CompareOrdinal(d.Key, "2001-03") < 0).Select(d => (d.Key, Value: (double?)d.Values.Count)).ToArray();
        days.Length.ShouldBe(59);
        var shape = ShapeFinder.Find([.. days.Select(m => m.Key)], [.. days.Select(m => m.Value)]);
        (shape.Kind, shape.Period).ShouldBe((ShapeKind.Recurrent, 7), shape.Message);
    }

    // Three delays are errors of the source (samples/README.md).
    [Fact]
    public void Find_LeastDelayByDay_NamesTheDaysWithErrors()
    {
        var days = Drops("flights", "*.csv.gz", "delay").Select(d => (d.Key, Value: (double?)d.Values.Min())).ToArray();
        var shape = ShapeFinder.Find([.. days.Select(m => m.Key)], [.. days.Select(m => m.Value)]);
        (shape.Kind, string.Join(' ', shape.Isolated)).ShouldBe((ShapeKind.Blip, "2001-02-01 2001-02-22 2001-02-27"), shape.Message);
    }

    private static IEnumerable<(string Key, List<double> Values)> Drops(string sample, string pattern, string column)
    {
        foreach (var file in Directory.GetFiles(Repository.PathOf($"samples/{sample}/drops"), pattern).Order(StringComparer.Ordinal))
        {
            using Stream raw = File.OpenRead(file);
            using var text = new StreamReader(file.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(raw, CompressionMode.Decompress) : raw);
            var at = text.ReadLine()!.Split(',').ToList().IndexOf(column);
            var values = new List<double>();
            while (text.ReadLine() is { } line)
            {
                if (double.TryParse(line.Split(',')[at], NumberStyles.Float, CultureInfo.InvariantCulture, out var value)) values.Add(value);
            }

            yield return (Path.GetFileName(file).Split('.')[0], values);
        }
    }
}
