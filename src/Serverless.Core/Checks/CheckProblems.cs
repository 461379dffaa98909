using System.Globalization;
using Serverless.Datasets;
using Serverless.Problems;
using Serverless.Workspaces;

namespace Serverless.Checks;

/// <summary>Everything that is wrong with one check of a dataset file, each where it stands.</summary>
internal sealed class CheckProblems(DatasetDefinition dataset, CheckDefinition definition, IReadOnlyDictionary<string, ICheck> byName)
{
    private static readonly string[] Opposites = ["min", "max", "min-length", "max-length"];

    public IEnumerable<Problem> Find()
    {
        if (!byName.TryGetValue(definition.Check, out var check)) return [At("check", $"unknown check '{definition.Check}'.{Suggest.Hint(definition.Check, byName.Keys)}")];
        var problems = new List<Problem>();
        void Add(string parameter, string problem) => problems.Add(At(parameter, $"check '{check.Name}'{problem}"));

        Columns(check, Add);
        Parameters(check, Add);
        if (problems.Count > 0) return problems;

        var scope = CheckCatalogue.Scope(definition);
        foreach (var (parameter, problem) in check.Problems(scope, [.. scope.Columns.Select(dataset.Column)])) Add(parameter, (problem.StartsWith("needs", StringComparison.Ordinal) ? " " : ": ") + problem);
        Limits(check, scope, Add);
        return problems;
    }

    /// <summary>Pairs of checks that no value can pass: the shortest text must be longer than the longest may be.</summary>
    public static IEnumerable<Problem> Between(DatasetDefinition dataset)
    {
        for (var pair = 0; pair < Opposites.Length; pair += 2)
        {
            foreach (var least in dataset.Checks.Where(c => c.Check == Opposites[pair] && c.Column is not null))
            {
                foreach (var most in dataset.Checks.Where(c => c.Check == Opposites[pair + 1] && c.Column == least.Column && c.Where == least.Where))
                {
                    if ((CheckCatalogue.ConstraintOf(least) is { } low && CheckCatalogue.ConstraintOf(most) is { } high
                        && (low.EqualTo ?? low.Min) is { } from && (high.EqualTo ?? high.Max) is { } to && from > to))
                    {
                        yield return new CheckProblems(dataset, most, new Dictionary<string, ICheck>()).At("max",
                            $"check '{most.Check}' of '{most.Column}' allows at most {Text(to)}, but check '{least.Check}' of line {least.Line} asks for at least {Text(from)}.");
                    }
                }
            }
        }
    }

    private void Columns(ICheck check, Action<string, string> add)
    {
        if (check.Target == CheckTarget.Table)
        {
            if (definition.Column is not null) add("column", " is about all rows and takes no column.");
            return;
        }

        var columns = CheckCatalogue.ColumnsOf(definition);
        var many = check.Target is CheckTarget.Columns or CheckTarget.Pair;
        if (check.Target == CheckTarget.Pair && (columns.Count != 2 || columns[0] == columns[1])) add("columns", " needs two columns (columns: [a, b]).");
        else if (columns.Count == 0) add("check", $" needs a column{(many ? " (column: a) or columns (columns: [a, b])" : "")}.");
        if (definition.Column is not null && definition.Parameters.ContainsKey("columns") && many) add("columns", " has both 'column' and 'columns'; keep one.");
        if (columns.Distinct().Count() < columns.Count && check.Target == CheckTarget.Columns) add("columns", ": a column stands twice.");
        foreach (var name in columns.Distinct())
        {
            var at = definition.Column is null ? "columns" : "column";
            if (dataset.Columns.FirstOrDefault(c => c.Name == name) is not { } column)
            {
                add(at, $": dataset '{dataset.Name}' has no column '{name}'.{Suggest.Hint(name, dataset.Columns.Select(c => c.Name))}");
            }
            else if (check.Types.Count > 0 && !check.Types.Contains(column.Type))
            {
                var types = string.Join(" or ", check.Types.Select(t => t.ToString().ToLowerInvariant()));
                add(at, $" applies to {types} columns; '{name}' is {column.Type.ToString().ToLowerInvariant()}.");
            }
        }
    }

    private void Parameters(ICheck check, Action<string, string> add)
    {
        string[] known = [.. Constraint.Keys, .. check.Parameters.Select(p => p.Name), .. check.Target is CheckTarget.Columns or CheckTarget.Pair ? ["columns"] : Array.Empty<string>()];
        foreach (var (name, value) in definition.Parameters)
        {
            if (!known.Contains(name)) add(name, $" has no parameter '{name}'.{Suggest.Hint(name, known)}");
            else if (name != "columns" && ValueProblem(check, name, value) is { } wrong) add(name, $": {wrong}");
        }

        foreach (var missing in check.Parameters.Where(p => p.Required && !definition.Parameters.ContainsKey(p.Name))) add("check", $" needs '{missing.Name}'.");
    }

    private void Limits(ICheck check, CheckScope scope, Action<string, string> add)
    {
        var own = check.Limit(scope);
        var limits = CheckCatalogue.ConstraintOf(definition);
        if (own is null && limits is null && check.Default is null)
        {
            var word = check.Parameters.Any(p => p.Kind == CheckParameterKind.Duration) ? "within, min, max or equals" : "min, max or equals";
            add("check", $" needs a limit: {word}.");
        }

        if (limits is null) return;
        if (own is not null) add("check", " has a limit of its own and min, max or equals; keep one.");
        foreach (var (name, value) in new[] { ("min", limits.Min), ("max", limits.Max), ("equals", limits.EqualTo) })
        {
            if (value is { } v && (v < check.Range.Least || v > check.Range.Greatest)) add(name, $": '{name}' is {Text(v)}, but the value is {check.Range.Name}, {Bounds(check.Range)}.");
        }

        if (limits is { Min: { } min, Max: { } max } && min > max) add("min", $": min {Text(min)} is greater than max {Text(max)}.");
        if (limits is { EqualTo: { } equal } && (equal < limits.Min || equal > limits.Max))
        {
            add("equals", $": equals {Text(equal)} is outside of {(equal < limits.Min ? $"min {Text(limits.Min.Value)}" : $"max {Text(limits.Max!.Value)}")}.");
        }
    }

    private static string? ValueProblem(ICheck check, string name, Parameter value)
    {
        var parameter = check.Parameters.FirstOrDefault(p => p.Name == name) ?? new CheckParameter(name, CheckParameterKind.Number);
        return parameter.Kind switch
        {
            CheckParameterKind.Number when value.IsList || !CheckCatalogue.Number(value, out _) => $"'{name}' must be a number, not '{string.Join(", ", value.Items)}'.",
            CheckParameterKind.Number when CheckCatalogue.Number(value, out var n) && (n < parameter.Min || n > parameter.Max) =>
                $"'{name}' must be from {Text(parameter.Min)} to {Text(parameter.Max)}, not {Text(n)}.",
            CheckParameterKind.Text when value.IsList || value.Text.Length == 0 => $"'{name}' must be a text.",
            CheckParameterKind.List when value.Items.Count == 0 => $"'{name}' must be a list with at least one value.",
            CheckParameterKind.Duration when value.IsList || !Durations.TryParse(value.Text, out _) => $"'{name}' must be a duration such as 26h or 2d, not '{string.Join(", ", value.Items)}'.",
            CheckParameterKind.Choice when value.IsList || !parameter.Options!.Contains(value.Text) =>
                $"'{name}' cannot be '{string.Join(", ", value.Items)}'.{(Suggest.Closest(value.Text, parameter.Options!) is { } close ? $" Did you mean '{close}'?" : "")} Allowed: {string.Join(", ", parameter.Options!)}.",
            _ => null,
        };
    }

    private Problem At(string parameter, string message) => definition.Parameters.TryGetValue(parameter, out var value) ? new(message, dataset.File, value.Line, value.Column)
        : parameter == "column" && definition.ColumnAt is var (line, place) && line > 0 ? new(message, dataset.File, line, place)
        : new(message, dataset.File, definition.Line, definition.LineColumn);

    private static string Bounds(ValueRange range) => double.IsPositiveInfinity(range.Greatest) ? $"{Text(range.Least)} or more" : $"from {Text(range.Least)} to {Text(range.Greatest)}";

    private static string Text(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
