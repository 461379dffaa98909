using Serverless.Datasets;
using Serverless.Profiles;

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

    /// <summary>
    /// The results of several partitions together. A check whose figure grows with the rows keeps its limit for each partition: it failed where it failed for one of them.
    /// </summary>
    /// <param name="parts">Results of each of them alone, from this plan.</param>
    public IReadOnlyList<CheckResult> EvaluateTogether(IReadOnlyList<AggregateState?> states, IReadOnlyDictionary<int, string>? errors, IReadOnlyList<IReadOnlyList<CheckResult>> parts)
    {
        var whole = Evaluate(states, errors);
        return parts.Count < 2 ? whole : [.. whole.Select((result, i) => checks[i].GrowsWithRows ? Judged(result, [.. parts.Select(p => p[i])]) : result)];
    }

    /// <summary>States of two disjoint sets of rows added up; null where that needs the rows themselves.</summary>
    public static IReadOnlyList<AggregateState?> Merge(IReadOnlyList<AggregateState?> a, IReadOnlyList<AggregateState?> b) =>
        [.. a.Zip(b, (x, y) => x is null || y is null ? null : x.Merge(y))];

    /// <summary>States as they are stored beside a partition. The values of whole columns are in its profile already.</summary>
    public IReadOnlyList<StoredState> Store(IReadOnlyList<AggregateState?> states) =>
        [.. Aggregates.Select((a, i) => (a, states[i])).Where(s => s.Item2 is not null && !InProfile(s.a)).Select(s => new StoredState(s.a.Key, s.Item2!))];

    /// <summary>What <see cref="Store"/> stored, in the order of <see cref="Aggregates"/>; null for what was not wanted then.</summary>
    public IReadOnlyList<AggregateState?> Restore(IReadOnlyList<StoredState> stored, Func<ProfileState?> profile)
    {
        var byKey = stored.ToDictionary(s => s.Key, s => s.State, StringComparer.Ordinal);
        var read = Aggregates.Any(InProfile) ? profile() : null;
        return [.. Aggregates.Select(a => !InProfile(a) ? byKey.GetValueOrDefault(a.Key)
            : read?.Columns.FirstOrDefault(c => c.Name == a.Columns[0]) is { } column ? new ValuesOfColumnState(column) : null)];
    }

    /// <summary>Only the checks that need one of these aggregates.</summary>
    internal CheckPlan Needing(IReadOnlySet<int> aggregates) => new([.. checks.Where(c => c.Aggregates.Any(a => aggregates.Contains(slots[a])))]);

    internal int SlotOf(Aggregate aggregate) => slots[aggregate];

    /// <summary>The definitions of the checks, in their order.</summary>
    internal IReadOnlyList<CheckDefinition> Definitions => [.. checks.Select(c => c.Definition)];

    internal static bool InProfile(Aggregate aggregate) => aggregate is { Kind: AggregateKind.Values, Where: null };

    private static CheckResult Judged(CheckResult whole, IReadOnlyList<CheckResult> parts)
    {
        var bad = parts.Count(p => p.Outcome is Outcome.Failed);
        var applied = parts.Count(p => p.Outcome is not Outcome.NotApplicable);
        return whole.Outcome is Outcome.Errored or Outcome.NotApplicable ? whole
            : whole with { Outcome = bad > 0 ? Outcome.Failed : Outcome.Passed, Message = $"judged for each partition: {applied - bad} of {applied} passed" };
    }

    private string? Error(PlannedCheck check, IReadOnlyDictionary<int, string>? errors) =>
        errors is null ? null : check.Aggregates.Select(a => errors.GetValueOrDefault(slots[a])).FirstOrDefault(e => e is not null);
}

/// <summary>A state beside a partition.</summary>
/// <param name="Key">Which aggregate it is of: <see cref="Aggregate.Key"/>.</param>
public sealed record StoredState(string Key, AggregateState State);

internal sealed class PlannedCheck(ICheck check, CheckDefinition definition, CheckScope scope, Constraint constraint)
{
    public IReadOnlyList<Aggregate> Aggregates { get; } = check.Aggregates(scope);

    public CheckDefinition Definition => definition;

    public bool GrowsWithRows => check.GrowsWithRows;

    public CheckResult Evaluate(IReadOnlyList<AggregateState?> states, string? error)
    {
        var result = new CheckResult
        {
            Check = check.Name,
            Column = scope.Columns.Count > 0 ? string.Join(",", scope.Columns) : null,
            Metric = MetricName,
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

    private string MetricName => (check.Label(scope) ?? string.Join(", ", scope.Columns)) is { Length: > 0 } about ? $"{check.Name}({about})" : check.Name;
}
