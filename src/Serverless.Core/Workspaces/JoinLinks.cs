using System.Text.RegularExpressions;
using Serverless.Datasets;
using Serverless.Sources;

namespace Serverless.Workspaces;

/// <summary>Finds which datasets a join names. A name with hyphens is quoted in SQL, or written with underscores.</summary>
internal static partial class JoinLinks
{
    public static void Resolve(SortedDictionary<string, DatasetDefinition> datasets, ProblemLog problems)
    {
        foreach (var dataset in datasets.Values.Where(d => d.Sources.Any(s => s is JoinSource)).ToArray())
        {
            var join = (JoinSource)dataset.Sources.First(s => s is JoinSource);
            var words = Words().Matches(join.Sql).Select(m => m.Groups["name"].Value).ToHashSet(StringComparer.OrdinalIgnoreCase);
            var inputs = datasets.Keys.Where(d => words.Contains(d) || words.Contains(SqlName(d))).ToArray();
            if (SourcesSection.Fault(join.Sql) is { } fault) problems.Error(dataset.File, join.Line, join.Column, $"'from': {fault}");
            else if (inputs.Contains(dataset.Name)) problems.Error(dataset.File, join.Line, join.Column, $"'from' reads '{dataset.Name}' itself.");
            else if (inputs.Length == 0) problems.Error(dataset.File, join.Line, join.Column, $"'from' names no other dataset of this workspace. It has: {string.Join(", ", datasets.Keys.Where(k => k != dataset.Name))}.");
            datasets[dataset.Name] = dataset with { Sources = [.. dataset.Sources.Select(s => s is JoinSource j ? j with { Inputs = inputs } : s)] };
        }

        foreach (var dataset in datasets.Values.Where(d => Joins(d) && Reaches(d.Name, d.Name, datasets, [])))
        {
            problems.Error(dataset.File, dataset.Sources[0].Line, dataset.Sources[0].Column, $"'from' turns in a circle: '{dataset.Name}' is joined from itself by way of {string.Join(", ", ((JoinSource)dataset.Sources[0]).Inputs)}.");
        }
    }

    /// <summary>As the dataset can be called in SQL without quotes.</summary>
    public static string SqlName(string dataset) => dataset.Replace('-', '_');

    private static bool Joins(DatasetDefinition dataset) => dataset.Sources is [JoinSource];

    private static bool Reaches(string from, string to, SortedDictionary<string, DatasetDefinition> datasets, HashSet<string> seen)
    {
        if (!seen.Add(from) || !datasets.TryGetValue(from, out var dataset) || dataset.Sources is not [JoinSource join]) return false;
        var others = join.Inputs.Where(i => from != to || i != to).ToArray(); // reading itself is said already
        return others.Contains(to) || others.Any(i => Reaches(i, to, datasets, seen));
    }

    // Quoted names and bare words; strings and comments are passed over.
    [GeneratedRegex(@"'(?:[^']|'')*'|--[^\n]*|/\*.*?\*/|""(?<name>[^""]+)""|(?<name>[A-Za-z_][A-Za-z0-9_]*)", RegexOptions.Singleline)]
    private static partial Regex Words();
}
