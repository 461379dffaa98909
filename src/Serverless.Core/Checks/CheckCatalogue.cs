using System.Collections.Frozen;
using System.Globalization;
using Serverless.Datasets;
using Serverless.Problems;

namespace Serverless.Checks;

internal sealed class CheckCatalogue(IEnumerable<ICheck> checks) : ICheckCatalogue
{
    private readonly FrozenDictionary<string, ICheck> byName = checks.ToFrozenDictionary(c => c.Name, StringComparer.Ordinal);

    public IReadOnlyCollection<string> Names => byName.Keys;

    public IReadOnlyList<Problem> Validate(DatasetDefinition dataset) =>
        [.. dataset.Checks.SelectMany(c => new CheckProblems(dataset, c, byName).Find()), .. CheckProblems.Between(dataset)];

    public CheckPlan Plan(DatasetDefinition dataset)
    {
        var problems = Validate(dataset);
        return problems.Count > 0 ? throw new ConfigurationException(problems) : new CheckPlan([.. dataset.Checks.Select(Planned)]);
    }

    private PlannedCheck Planned(CheckDefinition definition)
    {
        var (check, scope) = (byName[definition.Check], Scope(definition));
        return new PlannedCheck(check, definition, scope, check.Limit(scope) ?? ConstraintOf(definition) ?? check.Default!);
    }

    internal static CheckScope Scope(CheckDefinition check) => new(ColumnsOf(check), check.Where, check.Parameters);

    internal static IReadOnlyList<string> ColumnsOf(CheckDefinition check) =>
        check.Column is { } column ? [column] : check.Parameters.TryGetValue("columns", out var columns) ? columns.Items : [];

    internal static Constraint? ConstraintOf(CheckDefinition check)
    {
        double? Read(string key) => check.Parameters.TryGetValue(key, out var p) && Number(p, out var value) ? value : null;
        return Constraint.Keys.Any(check.Parameters.ContainsKey) ? new Constraint(Read("min"), Read("max"), Read("equals")) : null;
    }

    internal static bool Number(Parameter value, out double number) =>
        double.TryParse(value.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out number) && double.IsFinite(number);
}
