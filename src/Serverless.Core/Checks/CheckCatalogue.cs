using System.Collections.Frozen;
using System.Globalization;
using Serverless.Datasets;
using Serverless.Problems;

namespace Serverless.Checks;

internal sealed class CheckCatalogue(IEnumerable<ICheck> checks) : ICheckCatalogue
{
    private readonly FrozenDictionary<string, ICheck> byName = checks.ToFrozenDictionary(c => c.Name, StringComparer.Ordinal);

    public IReadOnlyCollection<string> Names => byName.Keys;

    public IReadOnlyList<Problem> Validate(DatasetDefinition dataset) => [.. dataset.Checks.SelectMany(c => Problems(dataset, c))];

    public CheckPlan Plan(DatasetDefinition dataset)
    {
        var problems = Validate(dataset);
        return problems.Count > 0 ? throw new ConfigurationException(problems)
            : new CheckPlan([.. dataset.Checks.Select(c => new PlannedCheck(byName[c.Check], c, Scope(c), ConstraintOf(c) ?? byName[c.Check].Default!))]);
    }

    private static CheckScope Scope(CheckDefinition check) => new(ColumnsOf(check), check.Where, check.Parameters);

    private static IReadOnlyList<string> ColumnsOf(CheckDefinition check) =>
        check.Column is { } column ? [column] : check.Parameters.TryGetValue("columns", out var columns) ? columns.Items : [];

    private static Constraint? ConstraintOf(CheckDefinition check)
    {
        double? Read(string key) => check.Parameters.TryGetValue(key, out var p) && Number(p, out var value) ? value : null;
        return Constraint.Keys.Any(check.Parameters.ContainsKey) ? new Constraint(Read("min"), Read("max"), Read("equals")) : null;
    }

    private IEnumerable<Problem> Problems(DatasetDefinition dataset, CheckDefinition definition)
    {
        Problem At(string message, int line = 0, int column = 1) => new(message, dataset.File, line > 0 ? line : definition.Line, column);

        if (!byName.TryGetValue(definition.Check, out var check))
        {
            yield return At($"unknown check '{definition.Check}'.{Suggest.Hint(definition.Check, Names)}");
            yield break;
        }

        foreach (var problem in ColumnProblems(dataset, definition, check)) yield return At(problem);

        string[] known = [.. Constraint.Keys, .. check.Parameters.Select(p => p.Name), .. check.Target == CheckTarget.Columns ? ["columns"] : Array.Empty<string>()];
        foreach (var (name, value) in definition.Parameters)
        {
            if (!known.Contains(name))
            {
                yield return At($"check '{check.Name}' has no parameter '{name}'.{Suggest.Hint(name, known)}", value.Line, value.Column);
            }
            else if (name != "columns" && ValueProblem(check, name, value) is { } wrong)
            {
                yield return At($"check '{check.Name}': {wrong}", value.Line, value.Column);
            }
        }

        foreach (var missing in check.Parameters.Where(p => p.Required && !definition.Parameters.ContainsKey(p.Name)))
        {
            yield return At($"check '{check.Name}' needs '{missing.Name}'.");
        }

        if (check.Default is null && !Constraint.Keys.Any(definition.Parameters.ContainsKey))
        {
            yield return At($"check '{check.Name}' needs a limit: min, max or equals.");
        }

        if (ConstraintOf(definition) is { Min: { } min, Max: { } max } && min > max)
        {
            yield return At($"check '{check.Name}': min {Text(min)} is greater than max {Text(max)}.");
        }
    }

    private static IEnumerable<string> ColumnProblems(DatasetDefinition dataset, CheckDefinition definition, ICheck check)
    {
        if (check.Target == CheckTarget.Table)
        {
            if (definition.Column is not null) yield return $"check '{check.Name}' is about all rows and takes no column.";
            yield break;
        }

        var columns = ColumnsOf(definition);
        if (columns.Count == 0)
        {
            yield return $"check '{check.Name}' needs a column{(check.Target == CheckTarget.Columns ? " (column: a) or columns (columns: [a, b])" : "")}.";
        }

        foreach (var name in columns)
        {
            if (dataset.Columns.FirstOrDefault(c => c.Name == name) is not { } column)
            {
                yield return $"check '{check.Name}': dataset '{dataset.Name}' has no column '{name}'.{Suggest.Hint(name, dataset.Columns.Select(c => c.Name))}";
            }
            else if (check.Types.Count > 0 && !check.Types.Contains(column.Type))
            {
                var types = string.Join(" or ", check.Types.Select(t => t.ToString().ToLowerInvariant()));
                yield return $"check '{check.Name}' applies to {types} columns; '{name}' is {column.Type.ToString().ToLowerInvariant()}.";
            }
        }
    }

    private static string? ValueProblem(ICheck check, string name, Parameter value)
    {
        var parameter = check.Parameters.FirstOrDefault(p => p.Name == name) ?? new CheckParameter(name, CheckParameterKind.Number);
        return parameter.Kind switch
        {
            CheckParameterKind.Number when value.IsList || !Number(value, out var number) => $"'{name}' must be a number, not '{string.Join(", ", value.Items)}'.",
            CheckParameterKind.Number when Number(value, out var n) && (n < parameter.Min || n > parameter.Max) =>
                $"'{name}' must be from {Text(parameter.Min)} to {Text(parameter.Max)}, not {Text(n)}.",
            CheckParameterKind.Text when value.IsList || value.Text.Length == 0 => $"'{name}' must be a text.",
            CheckParameterKind.List when value.Items.Count == 0 => $"'{name}' must be a list with at least one value.",
            _ => null,
        };
    }

    private static bool Number(Parameter value, out double number) =>
        double.TryParse(value.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out number) && double.IsFinite(number);

    private static string Text(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
