using Serverless.Datasets;

namespace Serverless.Checks;

/// <summary>The checks of one dataset, ready for a scan: which aggregates are wanted, and what follows from their states.</summary>
public sealed class CheckPlan
{
    private readonly IReadOnlyList<PlannedCheck> checks;
    private readonly Dictionary<Aggregate, int> slots = [];

    internal CheckPlan(IReadOnlyList<PlannedCheck> checks)
    {
        this.checks = checks;
        foreach (var aggregate in checks.SelectMany(c => c.Aggregates)) slots.TryAdd(aggregate, slots.Count);
        Aggregates = [.. slots.OrderBy(s => s.Value).Select(s => s.Key)];
    }

    /// <summary>What to scan for; equal wishes of several checks stand here once.</summary>
    public IReadOnlyList<Aggregate> Aggregates { get; }

    /// <summary>
    /// The results, in the order of the dataset file. A state that could not be computed is null, with the reason in <paramref name="errors"/> under the same index:
    /// its checks are <see cref="Outcome.Errored"/>, the others are not touched.
    /// </summary>
    public IReadOnlyList<CheckResult> Evaluate(IReadOnlyList<AggregateState?> states, IReadOnlyDictionary<int, string>? errors = null) =>
        [.. checks.Select(c => c.Evaluate([.. c.Aggregates.Select(a => states[slots[a]])], Error(c, errors)))];

    /// <summary>States of two disjoint sets of rows added up; null where that needs the rows themselves.</summary>
    public static IReadOnlyList<AggregateState?> Merge(IReadOnlyList<AggregateState?> a, IReadOnlyList<AggregateState?> b) =>
        [.. a.Zip(b, (x, y) => x is null || y is null ? null : x.Merge(y))];

    private string? Error(PlannedCheck check, IReadOnlyDictionary<int, string>? errors) =>
        errors is null ? null : check.Aggregates.Select(a => errors.GetValueOrDefault(slots[a])).FirstOrDefault(e => e is not null);
}

internal sealed class PlannedCheck(ICheck check, CheckDefinition definition, CheckScope scope, Constraint constraint)
{
    public IReadOnlyList<Aggregate> Aggregates { get; } = check.Aggregates(scope);

    public CheckResult Evaluate(IReadOnlyList<AggregateState?> states, string? error)
    {
        var result = new CheckResult
        {
            Check = check.Name,
            Column = scope.Columns.Count > 0 ? string.Join(",", scope.Columns) : null,
            Outcome = Outcome.Errored,
            Expectation = constraint.Describe(check.Name) + (definition.Where is { } where ? $" where {where}" : ""),
            Severity = definition.Severity,
            Message = error,
        };
        if (error is not null) return result;
        try
        {
            var metric = check.Evaluate(new AggregateRow(states), scope);
            return metric.Value is not { } value ? result with { Outcome = Outcome.NotApplicable, Message = metric.Why }
                : result with { Outcome = constraint.Holds(value) ? Outcome.Passed : Outcome.Failed, Value = value };
        }
        catch (Exception e) when (e is InvalidOperationException or ArithmeticException or ArgumentException or FormatException)
        {
            return result with { Message = e.Message };
        }
    }
}
