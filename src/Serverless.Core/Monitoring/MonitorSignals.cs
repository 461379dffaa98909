using System.Globalization;
using Serverless.Alerts;
using Serverless.Datasets;
using Serverless.Drift;

namespace Serverless.Monitoring;

/// <summary>What a report says to those who should know, good and bad. At the run's own time, so that a repeated step says the same.</summary>
internal static class MonitorSignals
{
    public static IReadOnlyList<Signal> Of(MonitorReport report)
    {
        var period = $"{Day(report.Current.From)}..{Day(report.Current.To.AddTicks(-1))}";
        var common = new Signal
        {
            Kind = SignalKind.Drift, Subject = report.Model ?? report.Dataset, Name = "drift", Period = period, Bad = report.Drifted, Severity = Severity.Warning, Value = report.Share,
            Expectation = string.Create(CultureInfo.InvariantCulture, $"share of drifted columns below {report.ShareThreshold:0.##}"), At = report.At, Run = report.Run,
            Message = report.Drifted ? string.Join("; ", report.Reasons) : "the data look like those that the champion learned from",
        };
        var changes = report.UpstreamChanges.ToLookup(c => c.Column, StringComparer.Ordinal);
        var columns = report.Columns.Select(c => c.Name).Concat(changes.Select(c => c.Key)).Distinct(StringComparer.Ordinal);
        return
        [
            common,
            .. new[] { ("prediction", report.Prediction), ("served", report.Served), ("label", report.Label) }
                .Where(c => c.Item2 is not null).Select(c => Column(common, c.Item2!, c.Item1, Severity.Warning)),
            .. report.Columns.Where(c => c.NotApplicable is null || c.Missing.Drifted).Select(c => Column(common, c, c.Name, Severity.Info)),
            .. Outliers(report) is { } outliers ? [outliers] : Array.Empty<Signal>(),
            .. columns.Select(c => common with
            {
                Kind = SignalKind.UpstreamChange, Name = $"upstream({c})", Bad = changes.Contains(c), Value = null, Expectation = null,
                Message = changes.Contains(c) ? string.Join(" ", changes[c].Select(x => x.Message)) : $"no change where '{c}' comes from",
            }),
        ];
    }

    /// <summary>How many of the answers given lately were about rows unlike the training data; null where nobody looked.</summary>
    public static Signal? Outliers(MonitorReport report) => report.Outliers is not { } found ? null : new Signal
    {
        Kind = SignalKind.Drift, Subject = report.Model!, Name = "outliers", Bad = found.Exceeded, Severity = Severity.Warning, Value = found.Share, At = report.At, Run = report.Run,
        Expectation = string.Create(CultureInfo.InvariantCulture, $"share of outliers at most {found.Limit:0.####}"),
        Message = string.Create(CultureInfo.InvariantCulture, $"{found.Flagged} of {found.Rows} predictions given lately are about rows unlike the training data ({found.Share:0.##%})"),
    };

    private static Signal Column(Signal common, DriftColumn column, string name, Severity severity) => common with
    {
        Name = $"{column.Method}({name})", Bad = column.Drifted, Severity = severity, Value = column.Normalised ?? column.Statistic, Expectation = column.Expectation,
        Message = column.Drifted ? DriftReasons.Column($"{name} drifted", column) : $"{name} looks as in the reference",
    };

    private static string Day(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
