namespace Serverless.Core.Tests.Workspaces;

/// <summary>Mistakes in <c>features/&lt;view&gt;.yaml</c> and in what models look up: the message names the place and what was expected.</summary>
public sealed class ViewFileTests : IDisposable
{
    private const string Good = """
        view: stats
        dataset: flights
        keys: [origin]
        time: date
        ttl: 2d
        features:
          mean: { aggregate: mean, column: delay, over: 7d }
        """;

    private readonly WorkspaceFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("keys: [origin]", "key: [origin]", "(3,1): unknown key 'key' in view. Did you mean 'keys'?", "(1,1): view has no 'keys'; expected a list of columns, such as [origin].")]
    [InlineData("keys: [origin]", "keys: []", "(3,7): 'keys' is empty")]
    [InlineData("keys: [origin]", "keys: [origin, origin]", "(3,7): 'keys' names a column twice.")]
    [InlineData("keys: [origin]", "keys: [orign]", "(3,7): dataset 'flights' has no column 'orign'. Did you mean 'origin'?")]
    [InlineData("keys: [origin]", "keys: [date]", "(3,7): key 'date' is timestamp; a key is string, integer or boolean.")]
    [InlineData("dataset: flights", "dataset: fligts", "(2,10): dataset 'fligts' is not in this workspace. Did you mean 'flights'?")]
    [InlineData("dataset: flights", "dataset: stats", "(2,10): 'stats' is a view; a view is made of a dataset, so views do not build on views.")]
    [InlineData("view: stats", "view: My Stats", "(1,7): ")]
    [InlineData("time: date", "time: origin", "(4,7): 'time' must be a timestamp; 'origin' is string.")]
    [InlineData("time: date", "created: date", "(1,1): view has no 'time'")]
    [InlineData("ttl: 2d", "ttl: -2d", "(5,6): 'ttl' must be a duration")]
    [InlineData("ttl: 2d", "ttl: 0d", "(5,6): 'ttl' must be")]
    [InlineData("ttl: 2d", "ttl: soon", "(5,6): 'ttl' must be a duration")]
    [InlineData("ttl: 2d", "refresh: hourly", "(5,10): 'refresh' must be a cron expression of five fields in UTC")]
    [InlineData("ttl: 2d", "created: known", "(5,10): dataset 'flights' has no column 'known'.")]
    [InlineData("aggregate: mean", "aggregate: average", "(7,22): 'aggregate' cannot be 'average'.")]
    [InlineData("column: delay", "column: dely", "(7,36): dataset 'flights' has no column 'dely'. Did you mean 'delay'?")]
    [InlineData("column: delay", "column: origin", "(7,36): feature 'mean': 'mean' is for numbers and booleans; 'origin' is string.")]
    [InlineData("over: 7d", "ovr: 7d", "(7,43): unknown key 'ovr' in aggregate. Did you mean 'over'?")]
    [InlineData("over: 7d", "over: 0d", "(7,49): 'over' must be")]
    [InlineData("over: 7d", "condition: \"delay > 1\"", "(7,54): 'condition' belongs to 'aggregate: rate'.")]
    [InlineData("{ aggregate: mean, column: delay, over: 7d }", "{ aggregate: rate }", "(7,9): ")]
    [InlineData("{ aggregate: mean, column: delay, over: 7d }", "mean(delay)", "(7,9): feature 'mean' must be a mapping")]
    [InlineData("  mean:", "  origin:", "(7,38): feature 'origin' has the name of a key or time column; give it another.")]
    [InlineData("  mean:", "  a-b:", "(7,3): 'a-b' cannot be a feature of a view")]
    [InlineData("features:\n  mean: { aggregate: mean, column: delay, over: 7d }", "owner: me", "(1,1): a view needs 'features' (aggregates by name) or 'sql' with 'columns'.")]
    [InlineData("features:\n  mean: { aggregate: mean, column: delay, over: 7d }", "sql: SELECT 1", "(1,1): view has no 'columns'")]
    [InlineData("features:\n  mean: { aggregate: mean, column: delay, over: 7d }", "sql: SELECT 1\ncolumns: { mean: numbr }", "(7,18): 'type' cannot be 'numbr'. Did you mean 'number'?")]
    [InlineData("ttl: 2d", "sql: SELECT 1", "(7,3): a view has 'features' (aggregates) or 'sql', not both.", "(1,1): view has no 'columns'")]
    public void View_OneMistake_IsNamedWithItsPlace(string good, string bad, params string[] expected)
    {
        Good.ShouldContain(good);
        folder.Write("features/stats.yaml", Good.Replace(good, bad, StringComparison.Ordinal));
        var problems = folder.Problems().Select(p => p.ToString()).ToArray();
        foreach (var message in expected) problems.ShouldContain(p => p.StartsWith("features/stats.yaml" + message, StringComparison.Ordinal), string.Join('\n', problems));
    }

    [Fact]
    public void Views_OfOneName_AreBothNamed()
    {
        folder.Write("features/stats.yaml", Good);
        folder.Write("features/other.yaml", Good);
        folder.Problems().ShouldHaveSingleItem().ToString().ShouldContain("stats");
    }

    [Fact]
    public void Views_ThatBuildOnEachOther_AreRefused()
    {
        folder.Write("features/a.yaml", Good.Replace("view: stats", "view: a", StringComparison.Ordinal).Replace("dataset: flights", "dataset: b", StringComparison.Ordinal));
        folder.Write("features/b.yaml", Good.Replace("view: stats", "view: b", StringComparison.Ordinal).Replace("dataset: flights", "dataset: a", StringComparison.Ordinal));
        folder.Problems().Select(p => p.ToString()).ShouldAllBe(p => p.Contains("views do not build on views"));
        folder.Problems().Count.ShouldBe(2);
    }

    [Fact]
    public void Workspace_ManyMistakes_AreAllNamedAtOnce()
    {
        folder.Write("features/stats.yaml", Good.Replace("ttl: 2d", "ttl: never", StringComparison.Ordinal).Replace("aggregate: mean", "aggregate: middle", StringComparison.Ordinal).Replace("time: date", "tme: date", StringComparison.Ordinal));
        folder.Write("features/more.yaml", Good.Replace("view: stats", "view: more", StringComparison.Ordinal).Replace("dataset: flights", "dataset: x", StringComparison.Ordinal));
        var problems = folder.Problems().Select(p => p.ToString()).ToArray();
        foreach (var part in new[] { "'ttl'", "'aggregate' cannot be 'middle'", "unknown key 'tme'", "no 'time'", "dataset 'x'" }) problems.ShouldContain(p => p.Contains(part, StringComparison.Ordinal), string.Join('\n', problems));
    }

    [Theory]
    [InlineData("{ view: stat, column: mean }", "there is no view 'stat' (features/stat.yaml). Did you mean 'stats'?")]
    [InlineData("{ view: stats, column: men }", "view 'stats' has no feature 'men'. Did you mean 'mean'?")]
    [InlineData("{ view: stats, colum: mean }", "unknown key 'colum' in lookup. Did you mean 'column'?")]
    [InlineData("{ view: stats, column: mean, on: { airport: origin } }", "view 'stats' has no key 'airport'; its keys are origin.")]
    [InlineData("{ view: stats, column: mean, on: { origin: orign } }", "dataset 'flights' has no column 'orign'. Did you mean 'origin'?")]
    [InlineData("{ view: stats, column: mean, on: { origin: date } }", "'date' is timestamp; a key is string, integer or boolean.")]
    [InlineData("{ lag: dely, by: origin }", "dataset 'flights' has no column 'dely'. Did you mean 'delay'?")]
    [InlineData("{ lag: delay }", "lag has no 'by'")]
    [InlineData("{ lag: delay, by: date }", "'date' is timestamp; a key is string, integer or boolean.")]
    [InlineData("{ lag: delay, by: origin, after: -1d }", "'after' must be a duration")]
    [InlineData("{ rolling: mean, of: delay, by: origin }", "rolling has no 'over'")]
    [InlineData("{ rolling: rate, of: delay, by: origin, over: 7d }", "'rolling' cannot be 'rate'.")]
    [InlineData("{ rolling: mean, of: origin, by: origin, over: 7d }", "'mean' is for numbers and booleans; 'origin' is string.")]
    public void Lookup_OneMistake_IsNamedWithItsPlace(string feature, string expected)
    {
        folder.Write("features/stats.yaml", Good);
        folder.Write("models/late.yaml", $"""
            model: late
            task: binary
            dataset: flights
            label: delay > 15
            features:
              usual: {feature}
            trainer: lightgbm
            holdout: 1d
            gate: {"{ metric: auc }"}
            """);
        var problems = folder.Problems().Select(p => p.ToString()).ToArray();
        problems.ShouldContain(p => p.StartsWith("models/late.yaml(6,", StringComparison.Ordinal) && p.Contains(expected, StringComparison.Ordinal), string.Join('\n', problems));
    }

    [Theory]
    [InlineData("true", "", "delay")]
    [InlineData("6h", "", null)]
    [InlineData("true", "created: date", null)]
    public void View_ColumnThatIsKnownLater_NeedsToSayWhen(string knownAfter, string created, string? refused)
    {
        folder.Write("datasets/flights.yaml", WorkspaceFolder.Flights.Replace("unit: minutes,", $"unit: minutes, knownAfter: {knownAfter},", StringComparison.Ordinal));
        folder.Write("features/stats.yaml", Good + "\n" + created);
        folder.Write("features/query.yaml", $"view: query\ndataset: flights\nkeys: [origin]\ntime: date\nsql: SELECT origin, date, delay AS d FROM data\ncolumns: {{ d: number }}\n{created}");
        var problems = folder.Problems().Select(p => p.ToString()).ToArray();
        if (refused is null) problems.ShouldBeEmpty();
        else
        {
            problems.Length.ShouldBe(2, string.Join('\n', problems));
            problems.ShouldAllBe(p => p.Contains("'delay'") && p.Contains("knownAfter") && p.Contains("created:"));
        }
    }
}
