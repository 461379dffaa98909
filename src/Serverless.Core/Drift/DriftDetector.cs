using System.Runtime.ExceptionServices;
using Serverless.Datasets;
using Serverless.Drift.Samples;
using Serverless.Drift.Upstream;
using Serverless.Problems;

namespace Serverless.Drift;

internal sealed class DriftDetector(IDriftCatalogue catalogue, IEnumerable<IUpstreamRule> upstream) : IDriftDetector
{
    // Columns in work at the same time hold at most so many values in memory.
    private const long MostValues = 8_000_000;
    private const int MostColumns = 32;

    private readonly IUpstreamRule[] upstream = [.. upstream];

    public DriftReport Compare(Table reference, Table current, DriftSettings settings, CancellationToken cancel = default) =>
        Compare(new TableSource(reference, "the reference"), new TableSource(current, "the current data"), settings, cancel);

    public DriftReport Compare(IDriftSource reference, IDriftSource current, DriftSettings settings, CancellationToken cancel = default)
    {
        Check(settings);
        var columns = ColumnPairs.Of(reference, current, settings.Columns);
        columns.CheckTypes(reference, current, cancel);
        var report = new DriftReport
        {
            Drifted = false, Share = 0, ShareThreshold = settings.Share, Method = settings.Method, Columns = [], Correction = settings.Correction, CorrectedTests = 0,
            ReferenceRows = reference.Rows, CurrentRows = current.Rows, OnlyInReference = columns.OnlyInReference, OnlyInCurrent = columns.OnlyInCurrent,
            UpstreamChanges = [.. columns.Changes(reference, current)],
        };
        if (catalogue.Dataset(settings.Method) is { } method)
        {
            var verdict = method.Compare(reference, current, columns.Both, settings, cancel);
            return report with { Drifted = verdict.Drifted, Dataset = verdict };
        }

        var findings = Findings(reference, current, columns.Both, settings, cancel);
        if (settings.Method != DriftSettings.Auto) CheckApplicable(findings, settings);
        var judged = DriftVerdicts.Judge(findings, settings);
        var compared = judged.Count(c => c.NotApplicable is null || c.Missing.Drifted);
        var share = compared == 0 ? 0 : judged.Count(c => c.Drifted) / (double)compared;
        return report with
        {
            Drifted = compared > 0 && share >= settings.Share,
            Share = share,
            Columns = judged,
            CorrectedTests = settings.Correction == PValueCorrection.None ? 0 : judged.Count(c => c.AdjustedPValue is not null),
            UpstreamChanges = [.. report.UpstreamChanges, .. findings.SelectMany(f => f.Changes)],
        };
    }

    private void Check(DriftSettings settings)
    {
        catalogue.Check(settings.Method);
        var scale = catalogue.Column(settings.Method)?.Scale;
        if (settings.Threshold is { } t && (!double.IsFinite(t) || t <= 0 || (t >= 1 && scale == DriftScale.PValue)))
        {
            throw new RequestException(scale == DriftScale.PValue ? $"the threshold of '{settings.Method}' is a p-value between 0 and 1, not {t}." : $"a threshold is a number above 0, not {t}.");
        }

        if (!(settings.Share is > 0 and <= 1)) throw new RequestException($"the share of drifted columns is above 0 and at most 1, not {settings.Share}.");
    }

    // A method that was asked for by name and can look at none of the columns, or not at one that was asked for by name too, is a mistake in the question.
    private void CheckApplicable(IReadOnlyList<ColumnFinding> findings, DriftSettings settings)
    {
        var wrong = findings.Where(f => f.InsteadOfMethod is not null).ToArray();
        if (wrong.Length == 0 || (settings.Columns is null && wrong.Length < findings.Count)) return;
        throw new RequestException($"method '{settings.Method}' compares {catalogue.Column(settings.Method)!.Compares}; column '{wrong[0].Name}' is {wrong[0].Type}. "
            + $"Methods for it: {string.Join(", ", wrong[0].InsteadOfMethod!)}.");
    }

    private ColumnFinding[] Findings(IDriftSource reference, IDriftSource current, IReadOnlyList<string> names, DriftSettings settings, CancellationToken cancel)
    {
        var findings = new ColumnFinding[names.Count];
        var size = (int)Math.Clamp(MostValues / Math.Max(1, (reference.Rows + current.Rows) * Math.Max(1, settings.Threads)), 1, MostColumns);
        var comparison = new ColumnComparison(catalogue, settings, reference.Rows);
        try
        {
            Parallel.For(0, (names.Count + size - 1) / size, new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, settings.Threads), CancellationToken = cancel }, batch =>
            {
                string[] some = [.. names.Skip(batch * size).Take(size)];
                var (before, after) = (reference.Samples(some, cancel), current.Samples(some, cancel));
                for (var i = 0; i < some.Length; i++)
                {
                    findings[(batch * size) + i] = comparison.Compare(before[i], after[i]) with { Changes = Changes(before[i], after[i]) };
                }
            });
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.Flatten().InnerExceptions.FirstOrDefault(x => x is not OperationCanceledException) ?? e.InnerExceptions[0]);
        }

        return findings;
    }

    // What was converted to another unit has another precision as well: one change is named.
    private UpstreamChange[] Changes(ColumnSample reference, ColumnSample current)
    {
        UpstreamChange[] found = [.. upstream.SelectMany(u => u.Look(reference, current))];
        return found.Any(c => c.Kind == UpstreamKind.Unit) ? [.. found.Where(c => c.Kind != UpstreamKind.Precision)] : found;
    }
}
