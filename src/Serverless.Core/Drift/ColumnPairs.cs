using Serverless.Datasets;
using Serverless.Drift.Samples;
using Serverless.Problems;

namespace Serverless.Drift;

/// <summary>Which columns can be compared, and which only one side has.</summary>
internal sealed record ColumnPairs(IReadOnlyList<string> Both, IReadOnlyList<string> OnlyInReference, IReadOnlyList<string> OnlyInCurrent)
{
    public static ColumnPairs Of(IDriftSource reference, IDriftSource current, IReadOnlyList<string>? wanted)
    {
        if (reference.Rows == 0) throw new DataException($"{reference.Name} has no rows: there is nothing to compare with.");
        if (current.Rows == 0) throw new DataException($"{current.Name} has no rows: there is nothing to compare.");
        var before = reference.Columns.ToDictionary(c => c.Name, StringComparer.Ordinal);
        var after = current.Columns.ToDictionary(c => c.Name, StringComparer.Ordinal);
        string[] all = [.. reference.Columns.Select(c => c.Name), .. current.Columns.Select(c => c.Name).Where(c => !before.ContainsKey(c))];
        foreach (var name in wanted ?? [])
        {
            if (!all.Contains(name)) throw new RequestException($"neither {reference.Name} nor {current.Name} has a column '{name}'.{Suggest.Hint(name, all)}");
        }

        var names = wanted is null ? all : [.. wanted.Distinct(StringComparer.Ordinal)];
        string[] both = [.. names.Where(n => before.ContainsKey(n) && after.ContainsKey(n))];
        if (both.Length == 0)
        {
            throw new DataException($"{reference.Name} and {current.Name} have no column in common: {Some(reference)} against {Some(current)}.");
        }

        return new(both, [.. names.Where(n => !after.ContainsKey(n))], [.. names.Where(n => !before.ContainsKey(n))]);
    }

    /// <summary>Numbers agree with integers. A column without any value agrees with every type: that it stopped being filled is a finding, not a fault.</summary>
    public void CheckTypes(IDriftSource reference, IDriftSource current, CancellationToken cancel)
    {
        var before = reference.Columns.ToDictionary(c => c.Name, c => c.Type, StringComparer.Ordinal);
        var after = current.Columns.ToDictionary(c => c.Name, c => c.Type, StringComparer.Ordinal);
        var wrong = Both.Where(n => !Same(before[n], after[n]) && reference.Samples([n], cancel)[0].Count > 0 && current.Samples([n], cancel)[0].Count > 0)
            .Select(n => $"column '{n}' is {Word(before[n])} in {reference.Name} and {Word(after[n])} in {current.Name}.").ToArray();
        if (wrong.Length > 0) throw new DataException($"{string.Join(Environment.NewLine, wrong)}{Environment.NewLine}Make the types equal, or name the columns to compare with --columns.");
    }

    public static string Word(ColumnType type) => type.ToString().ToLowerInvariant();

    public IEnumerable<UpstreamChange> Changes(IDriftSource reference, IDriftSource current) =>
    [
        .. OnlyInReference.Select(c => new UpstreamChange { Column = c, Kind = UpstreamKind.MissingColumn, Message = $"'{c}' is in {reference.Name} and not in {current.Name}." }),
        .. OnlyInCurrent.Select(c => new UpstreamChange { Column = c, Kind = UpstreamKind.NewColumn, Message = $"'{c}' is in {current.Name} and not in {reference.Name}." }),
    ];

    private static bool Same(ColumnType a, ColumnType b) => a == b || (a is ColumnType.Integer or ColumnType.Number && b is ColumnType.Integer or ColumnType.Number);

    private static string Some(IDriftSource source) => string.Join(", ", source.Columns.Take(8).Select(c => c.Name)) + (source.Columns.Count > 8 ? ", ..." : "");
}
