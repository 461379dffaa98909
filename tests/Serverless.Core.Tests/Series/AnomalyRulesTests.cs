using Microsoft.Extensions.DependencyInjection;
using Serverless.Core.Tests.Workspaces;
using Serverless.Problems;
using Serverless.Series;
using Serverless.Workspaces;

namespace Serverless.Core.Tests.Series;

/// <summary>The <c>anomalies</c> of a dataset file.</summary>
public sealed class AnomalyRulesTests
{
    [Fact]
    public void Rules_AsTheFileStatesThem_AreAccepted()
    {
        using var folder = Folder("""
              - { metric: size, strategy: relative-rate, min: 0.5, max: 2.0, severity: error }
              - { metric: "quantile(delay, 0.5)", strategy: holt-winters, season: weekly }
              - { metric: entropy(origin), strategy: online-normal, lowerDeviationFactor: none }
              - metric: quarantined
                strategy: threshold
                max: 0.01
            """);

        var rules = Accept(folder).Dataset("flights").Anomalies;

        rules.Select(r => (r.Metric.Text, r.Strategy.Text, r.Severity)).ShouldBe(
        [
            ("size", "relative-rate", Datasets.Severity.Error), ("quantile(delay, 0.5)", "holt-winters", Datasets.Severity.Warning),
            ("entropy(origin)", "online-normal", Datasets.Severity.Warning), ("quarantined", "threshold", Datasets.Severity.Warning),
        ]);
        rules[0].Parameters["max"].Text.ShouldBe("2.0");
    }

    [Theory]
    [InlineData("- { metric: siz, strategy: threshold, max: 1 }", "(15,13): unknown metric 'siz'. Did you mean 'size'?")]
    [InlineData("- { metric: mean(dely), strategy: threshold, max: 1 }", "(15,13): metric 'mean(dely)': there is no column 'dely'. Did you mean 'delay'?")]
    [InlineData("- { metric: mean(origin), strategy: threshold, max: 1 }", "(15,13): metric 'mean' is not for string columns; 'origin' is one.")]
    [InlineData("- { metric: mean, strategy: threshold, max: 1 }", "(15,13): metric 'mean' is about one column: mean(delay).")]
    [InlineData("- { metric: size(delay), strategy: threshold, max: 1 }", "(15,13): metric 'size' is about all rows and takes no column.")]
    [InlineData("- { metric: entropy(delay), strategy: threshold, max: 1 }",
        "(15,13): metric 'entropy(delay)' is the value of a check that the dataset does not have: add '- { check: entropy, column: delay, ... }' to its checks.")]
    [InlineData("- { metric: \"quantile(delay, 2)\", strategy: threshold, max: 1 }", "(15,13): metric 'quantile(delay, 2)' needs a probability from 0 to 1: quantile(delay, 0.5).")]
    [InlineData("- { metric: mean(delay, strategy: threshold, max: 1 }", "(15,13): 'mean(delay' is not the name of a metric; expected such as size, completeness(delay) or quantile(delay, 0.5).")]
    [InlineData("- { metric: size, strategy: relativ-rate, max: 1 }", "(15,29): unknown anomaly strategy 'relativ-rate'. Did you mean 'relative-rate'?")]
    [InlineData("- { metric: size, strategy: relative-rate, mx: 1 }", "(15,48): strategy 'relative-rate' has no parameter 'mx'. Did you mean 'max'?")]
    [InlineData("- { metric: size, strategy: relative-rate }", "(15,29): strategy 'relative-rate' needs a limit: min, max or both.")]
    [InlineData("- { metric: size, strategy: relative-rate, min: 3, max: 2 }", "(15,29): strategy 'relative-rate' min 3 is greater than max 2.")]
    [InlineData("- { metric: size, strategy: absolute-change, max: 2, order: 1.5 }", "(15,61): strategy 'absolute-change': 'order' must be a whole number, not '1.5'.")]
    [InlineData("- { metric: size, strategy: online-normal, ignoreStartPercentage: 1.5 }", "(15,67): strategy 'online-normal': 'ignoreStartPercentage' must be from 0 to 1, not 1.5.")]
    [InlineData("- { metric: size, strategy: online-normal, lowerDeviationFactor: -3 }", "(15,66): strategy 'online-normal': 'lowerDeviationFactor' must be at least 0, not -3.")]
    [InlineData("- { metric: size, strategy: batch-normal, lowerDeviationFactor: none, upperDeviationFactor: none }",
        "(15,29): strategy 'batch-normal' lowerDeviationFactor and upperDeviationFactor are both 'none': at least one has to be a number.")]
    [InlineData("- { metric: size, strategy: holt-winters, season: wekly }", "(15,51): strategy 'holt-winters': 'season' cannot be 'wekly'. Did you mean 'weekly'?")]
    [InlineData("- { metric: size, strategy: holt-winters, season: daily }", "(15,29): strategy 'holt-winters' season 'daily' is not longer than the dataset's partitions (grain day).")]
    [InlineData("- { metric: size, strategy: threshold, max: 1, severity: bad }", "(15,58): 'severity' cannot be 'bad'. Allowed: info, warning, error, critical.")]
    [InlineData("- { strategy: threshold, max: 1 }", "(15,3): anomaly has no 'metric'; expected the name of a metric, such as 'size' or 'completeness(delay)'.")]
    [InlineData("- size", "(15,3): an anomaly rule is a mapping, such as '{ metric: size, strategy: relative-rate, max: 2 }'.")]
    public void Rule_ThatIsWrong_SaysWhereAndWhat(string rule, string expected)
    {
        using var folder = Folder(rule);

        Should.Throw<ConfigurationException>(() => Accept(folder)).Problems.Select(p => p.ToString()).ShouldBe([$"datasets/flights.yaml{expected}"]);
    }

    [Fact]
    public void Rules_SeveralWrong_AreAllSaidAtOnce()
    {
        using var folder = Folder("- { metric: siz, strategy: tresholds, max: 1 }\n- { metric: size, strategy: threshold }");

        Should.Throw<ConfigurationException>(() => Accept(folder)).Problems.Count.ShouldBe(3);
    }

    private static WorkspaceFolder Folder(string rules)
    {
        var folder = new WorkspaceFolder();
        folder.Write("datasets/flights.yaml", $"""
            dataset: flights
            partition: {"{"} column: date, grain: day {"}"}
            columns:
              date:        timestamp
              delay:       integer
              distance:    integer
              origin:      string
              destination: string
            checks:
              - {"{"} check: size, min: 1 {"}"}
              - {"{"} check: entropy, column: origin, min: 0 {"}"}

            # The line numbers of the problems count from here.
            anomalies:

            """ + rules.ReplaceLineEndings("\n"));
        return folder;
    }

    private static Workspace Accept(WorkspaceFolder folder)
    {
        var draft = WorkspaceLoader.Read(folder.Root);
        using var services = new ServiceCollection().AddSingleton(draft.Workspace).AddSeries().BuildServiceProvider();
        return draft.Accept(services.GetServices<IWorkspaceValidator>());
    }
}
