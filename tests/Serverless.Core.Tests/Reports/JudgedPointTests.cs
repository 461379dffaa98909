using Serverless.Datasets;
using Serverless.Reports;
using Serverless.Series;
using Serverless.Series.Anomalies;

namespace Serverless.Core.Tests.Reports;

public sealed class JudgedPointTests
{
    private static readonly SeriesPoint Point = new() { Period = "2001-02-12", Partition = "p", Value = 4213 };

    [Fact]
    public void Judged_TwoRules_ShowsTheTightestBoundsWhetherOrNotOneObjects()
    {
        var wide = Result(2057, 8230, false);

        DatasetReports.Judged(Point, [wide, Result(3686, 4185, true)]).ShouldBe(new ReportPoint("2001-02-12", 4213, 3686, 4185, true));
        DatasetReports.Judged(Point, [wide, Result(3686, 4300, false)]).ShouldBe(new ReportPoint("2001-02-12", 4213, 3686, 4300, false), "a line of bounds does not jump where a point is unusual");
    }

    [Fact]
    public void Judged_RuleWithoutABound_LeavesTheOthers() =>
        DatasetReports.Judged(Point, [Result(null, 8230, false), Result(null, null, false)]).ShouldBe(new ReportPoint("2001-02-12", 4213, null, 8230, false));

    private static AnomalyResult Result(double? lower, double? upper, bool anomalous) => new()
    {
        Metric = "size", Strategy = "s", Parameters = new Dictionary<string, string>(), Severity = Severity.Warning, Period = "2001-02-12", Partition = "p", Value = 4213, Lower = lower, Upper = upper, Anomalous = anomalous,
    };
}
