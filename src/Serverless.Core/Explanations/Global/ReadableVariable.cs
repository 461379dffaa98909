using System.Globalization;
using Serverless.Datasets;

namespace Serverless.Explanations.Global;

/// <summary>
/// Something a person can read and a row can be given another value of: a raw column; of a timestamp, whose moments say little, each feature made of it. Values are numbers; texts are
/// numbered by how often they occur, the most frequent first.
/// </summary>
internal sealed class ReadableVariable
{
    private const int MostTexts = 15;

    public required string Name { get; init; }

    public required string Column { get; init; }

    public string? Unit { get; init; }

    public required bool Ordered { get; init; }

    /// <summary>By row; NaN when missing.</summary>
    public required double[] Values { get; init; }

    /// <summary>By number, for texts and booleans.</summary>
    public IReadOnlyList<string>? Texts { get; init; }

    /// <summary>Index of the raw column, or -1 when it is a slot.</summary>
    public int RawColumn { get; init; } = -1;

    public int Slot { get; init; } = -1;

    public string Text(double value) => Texts is { } texts ? texts[(int)value] : double.IsNaN(value) ? "(missing)" : value.ToString("0.####", CultureInfo.InvariantCulture);

    /// <summary>Gives a row another value, in the raw row or in the features made of it.</summary>
    public void Apply(RawRow row, float[] features, Features.FeaturePlan plan, double value)
    {
        if (Slot >= 0)
        {
            plan.Fill(row, features);
            features[Slot] = (float)value;
            return;
        }

        switch (plan.Schema.Columns[RawColumn].Type)
        {
            case ColumnType.Integer: row.SetInteger(RawColumn, (long)Math.Round(value)); break;
            case ColumnType.Boolean: row.SetBoolean(RawColumn, value > 0.5); break;
            case ColumnType.String: row.SetText(RawColumn, Texts![(int)value]); break;
            default: row.SetNumber(RawColumn, value); break;
        }

        plan.Fill(row, features);
    }

    public static IReadOnlyList<ReadableVariable> Of(ColumnGame game, IReadOnlyList<RawRow> rows, float[] features)
    {
        var plan = game.Plan;
        var found = new List<ReadableVariable>();
        for (var c = 0; c < game.Players; c++)
        {
            var (column, at) = (plan.Schema.Columns[c], c);
            switch (column.Type)
            {
                case ColumnType.Timestamp:
                    for (var s = 0; s < game.Slots; s++)
                    {
                        // A feature of one number in one slot; a scaled one would not be readable.
                        if (game.Single[s] != c || plan.Slots[s].IsCategory || plan.Slots[s].Name != plan.Slots[s].Feature) continue;
                        if (plan.State.Features.FirstOrDefault(f => f.Name == plan.Slots[s].Feature) is not { Scale: null }) continue;
                        var slot = s;
                        found.Add(new() { Name = plan.Slots[s].Feature, Column = column.Name, Ordered = true, Slot = s, Values = [.. Enumerable.Range(0, rows.Count).Select(r => (double)features[r * game.Slots + slot])] });
                    }

                    break;
                case ColumnType.String:
                    var texts = rows.Where(r => r.Present[at]).GroupBy(r => r.Texts[at]!, StringComparer.Ordinal).OrderByDescending(g => g.Count()).ThenBy(g => g.Key, StringComparer.Ordinal).Select(g => g.Key).ToArray();
                    var numbers = texts.Select((t, i) => (t, i)).ToDictionary(t => t.t, t => t.i, StringComparer.Ordinal);
                    found.Add(new() { Name = column.Name, Column = column.Name, Ordered = false, RawColumn = c, Texts = texts, Values = [.. rows.Select(r => r.Present[at] ? numbers[r.Texts[at]!] : double.NaN)] });
                    break;
                default:
                    found.Add(new()
                    {
                        Name = column.Name, Column = column.Name, Unit = column.Unit, Ordered = column.Type != ColumnType.Boolean, RawColumn = c, Texts = column.Type == ColumnType.Boolean ? ["false", "true"] : null,
                        Values = [.. rows.Select(r => r.Present[at] ? r.Numbers[at] : double.NaN)],
                    });
                    break;
            }
        }

        return found;
    }

    /// <summary>Values to try, with the share of the rows that each stands for: the most frequent texts, or quantiles.</summary>
    public IReadOnlyList<(double Value, double Share)> Grid()
    {
        const int Points = 20;
        var present = Values.Where(v => !double.IsNaN(v)).Order().ToArray();
        if (present.Length == 0) return [];
        var distinct = present.Distinct().ToArray();
        var counts = present.GroupBy(v => v).ToDictionary(g => g.Key, g => (double)g.Count() / Values.Length);
        if (Texts is not null) return [.. distinct.Take(MostTexts).Select(v => (v, counts[v]))];
        if (distinct.Length <= 25) return [.. distinct.Select(v => (v, counts[v]))];
        // The outermost hundredths are left out: there the model was hardly ever asked.
        return [.. Enumerable.Range(0, Points).Select(i => present[(int)((0.01 + 0.98 * i / (Points - 1)) * (present.Length - 1))]).Distinct().Select(v => (v, 1.0 / Points))];
    }
}
