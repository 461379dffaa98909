using System.Globalization;
using Serverless.Drift;

namespace Serverless.Monitoring;

/// <summary>Why something is said to have drifted, in a sentence with the figures.</summary>
internal static class DriftReasons
{
    public static string Data(DriftReport columns, DatasetDrift? together, DriftSettings settings)
    {
        if (together?.Method == settings.Method) return $"all columns together: {together.Method} {Figure(together.Statistic)}{(together.PValue is { } p ? $", p {Figure(p)}" : "")} ({together.Expectation})";
        string[] drifted = [.. columns.Columns.Where(c => c.Drifted).Select(c => c.Name)];
        var some = string.Join(", ", drifted.Take(5)) + (drifted.Length > 5 ? ", ..." : "");
        return string.Create(CultureInfo.InvariantCulture, $"{drifted.Length} of {columns.Columns.Count(c => c.NotApplicable is null || c.Missing.Drifted)} columns drifted ({some}); the data drift from {columns.ShareThreshold:0.##} of them on");
    }

    public static string Column(string what, DriftColumn column) =>
        $"{what}: {column.Method} {Figure(column.Normalised ?? column.Statistic)}{(column.PValue is { } p ? $", p {Figure(p)}" : "")} ({column.Expectation ?? "missing values"})";

    private static string Figure(double? value) => value is { } v ? v.ToString("G4", CultureInfo.InvariantCulture) : "";
}
