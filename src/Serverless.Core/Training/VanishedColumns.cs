using System.Globalization;
using Serverless.Alerts;
using Serverless.Datasets;
using Serverless.Features;
using Serverless.Models;
using Serverless.Partitions;
using Serverless.Problems;
using Serverless.Runs;
using Serverless.Scoring;

namespace Serverless.Training;

/// <summary>
/// Columns that features read and that newer partitions no longer fill. A column that is missing now and then is no finding: the rows of the newest partitions must all lack it, and
/// so many of them that chance does not do it at the rate of the older ones.
/// </summary>
internal static class VanishedColumns
{
    /// <summary>The chance of finding so many rows without the column, if it were filled as before, below which it counts as vanished.</summary>
    private const double Chance = 1e-6;

    /// <summary>What stopped being filled within the window, in words.</summary>
    /// <exception cref="DataException">The holdout lacks such a column altogether: the model would be judged without it, and serve without it.</exception>
    /// <param name="champion">Its columns that the contract has no longer are named too; null = there is none to compare.</param>
    public static IReadOnlyList<string> Check(ModelDefinition model, DatasetDefinition dataset, TrainingRows rows, ScoringPipeline? champion)
    {
        var schema = FeatureCompiler.SchemaOf(model, dataset);
        var warnings = new List<string>();
        string[] dropped = [.. champion?.Schema.Inputs.Where(c => c.Lookup is null).Select(c => c.Name).Where(n => schema.Slot(n) < 0) ?? []];
        if (dropped.Length > 0)
        {
            warnings.Add($"the champion, version {champion!.Version}, reads {string.Join(", ", dropped.Select(d => $"'{d}'"))}, which the contract of dataset '{dataset.Name}' no longer has; it was judged without {(dropped.Length == 1 ? "it" : "them")}");
        }

        foreach (var (column, features) in model.Features.Where(f => f.Lookup is null).SelectMany(f => FeatureCompiler.Compile(f, schema, model.File).Columns.Select(c => (Column: c, Feature: f.Name)))
            .GroupBy(f => f.Column, f => f.Feature, StringComparer.Ordinal).Select(g => (g.Key, g.Distinct().ToArray())))
        {
            if (!rows.Table.Has(column) || Stretch.Of(rows, rows.Table[column]) is not { } gone) continue;
            var what = $"column '{column}' is empty in the newest {Partitions(gone.Partitions)} of dataset '{dataset.Name}' ({gone.Rows} rows), while {Share(gone.FilledBefore)} of the {gone.RowsBefore} rows before have it; "
                + $"{(features.Length == 1 ? "feature" : "features")} {string.Join(", ", features.Select(f => $"'{f}'"))} of model '{model.Name}' {(features.Length == 1 ? "reads" : "read")} it";
            if (TrainingWindow.Period(gone.Partitions[0].Key).From <= rows.Window.HoldoutFrom)
            {
                throw new DataException($"{what}. The whole holdout lacks it, so nothing was trained and the champion stays; mend the source and ingest the drops again, or take the column out of the model");
            }

            warnings.Add(what);
        }

        return warnings;
    }

    /// <summary>For those who should know, also that all is well again.</summary>
    public static Signal Signal(RunContext<TrainState> context, IReadOnlyList<string>? warnings) => new()
    {
        Kind = SignalKind.Gate, Subject = context.State.Model, Name = "columns", Bad = warnings is not null, Severity = Severity.Warning, At = context.CreatedAt, Run = context.RunId,
        Message = warnings is null ? "every column that the features read is still filled" : string.Join("; ", warnings),
    };

    private static string Partitions(IReadOnlyList<PartitionRecord> partitions)
    {
        string[] keys = [.. partitions.Select(p => p.Key).Distinct()];
        var ids = string.Join(", ", partitions.Take(3).Select(p => p.Id)) + (partitions.Count > 3 ? ", ..." : "");
        return keys.Length == 1 ? $"partition, {keys[0]} ({ids})" : $"{partitions.Count} partitions, {keys[0]} to {keys[^1]} ({ids})";
    }

    private static string Share(double share) => string.Create(CultureInfo.InvariantCulture, $"{share * 100:0.#} %");

    /// <summary>The newest partitions, all of whose rows lack the column.</summary>
    private sealed record Stretch(IReadOnlyList<PartitionRecord> Partitions, long Rows, long RowsBefore, double FilledBefore)
    {
        public static Stretch? Of(TrainingRows rows, TableColumn column)
        {
            if (column.Missing is not { } missing || !missing.AsSpan().Contains(true)) return null;
            // Rows stand in the order of the partitions.
            var counts = rows.Partitions.Select(p => p.Entry.Rows).ToArray();
            if (counts.Sum() != missing.Length) return null;
            var (first, start) = (counts.Length, missing.Length);
            while (first > 0 && !missing.AsSpan(start - (int)counts[first - 1], (int)counts[first - 1]).Contains(false)) start -= (int)counts[--first];
            var gone = missing.Length - start;
            if (start == 0 || gone == 0) return null;
            var filled = (double)missing.AsSpan(0, start).Count(false) / start;
            return gone * Math.Log(1 - Math.Min(filled, 1 - 1e-12)) <= Math.Log(Chance) ? new Stretch([.. rows.Partitions.Skip(first)], gone, start, filled) : null;
        }
    }
}
