using System.Globalization;
using Serverless.Models;
using Serverless.Scoring;

namespace Serverless.Explanations.Global;

/// <summary>
/// A regression tree on the model's own answers (CART, Breiman et al. 1984; the idea of a global surrogate: Craven and Shavlik, NIPS 1995). Its rules are what a person can hold in mind; how well they stand
/// for the model is measured on rows that it was not fitted on.
/// </summary>
internal sealed class SurrogateTrees(IReadOnlyList<ReadableVariable> variables, double[] answers, ModelSchema schema)
{
    public const int MostDepth = 4;
    private const int LeastRows = 20;
    private const int NamedTexts = 6;

    private readonly int outputs = schema.Outputs;
    private readonly AnswerShape shape = new(schema);

    public SurrogateTree Fit()
    {
        var rows = answers.Length / outputs;
        // Half of the rows to fit, the others to measure; drawn, since rows in order of time may alternate.
        var drawn = Enumerable.Range(0, rows).ToArray();
        new Random(42).Shuffle(drawn);
        var root = Grow(drawn[..((rows + 1) / 2)], 0);
        var held = drawn[((rows + 1) / 2)..];
        var (r2, agreement) = Measure(root, held);
        var lines = new List<string>();
        Print(root, 0, lines);
        return new SurrogateTree(Depth(root), r2, agreement, lines);
    }

    private Node Grow(int[] rows, int depth)
    {
        var node = new Node { Mean = Mean(rows), Rows = rows.Length };
        if (depth == MostDepth || rows.Length < 2 * LeastRows) return node;
        var (gain, variable, left) = (1e-9, -1, default(HashSet<double>));
        var threshold = 0.0;
        for (var v = 0; v < variables.Count; v++)
        {
            if (variables[v].Texts is null) Number(rows, v);
            else Texts(rows, v);
        }

        if (variable < 0) return node;
        (node.Variable, node.Threshold, node.Left) = (variable, threshold, left);
        var goes = rows.ToLookup(r => GoesLeft(node, r));
        node.Yes = Grow([.. goes[true]], depth + 1);
        node.No = Grow([.. goes[false]], depth + 1);
        return node;

        // Missing values stand on the side of what is above the threshold.
        void Number(int[] some, int v)
        {
            var sorted = some.OrderBy(r => double.IsNaN(variables[v].Values[r]) ? double.PositiveInfinity : variables[v].Values[r]).ToArray();
            Sweep(sorted, i =>
            {
                double here = variables[v].Values[sorted[i]], next = variables[v].Values[sorted[i + 1]];
                return !double.IsNaN(here) && here != next;
            }, (i, found) =>
            {
                double here = variables[v].Values[sorted[i]], next = variables[v].Values[sorted[i + 1]];
                (gain, variable, left) = (found, v, null);
                threshold = double.IsNaN(next) ? here : here + (next - here) / 2;
            });
        }

        // In the order of their mean answer the best set of texts is a beginning of the list (Breiman et al., 9.4).
        void Texts(int[] some, int v)
        {
            var main = MainOutput(some);
            var order = some.GroupBy(r => variables[v].Values[r]).OrderBy(g => g.Average(r => answers[r * outputs + main])).Select((g, i) => (g.Key, i)).ToArray();
            var place = order.ToDictionary(o => o.Key, o => o.i);
            var sorted = some.OrderBy(r => place[variables[v].Values[r]]).ToArray();
            Sweep(sorted, i => !variables[v].Values[sorted[i]].Equals(variables[v].Values[sorted[i + 1]]),
                (i, found) => (gain, variable, left) = (found, v, [.. order.Take(place[variables[v].Values[sorted[i]]] + 1).Select(o => o.Key)]));
        }

        void Sweep(int[] sorted, Func<int, bool> allowed, Action<int, double> better)
        {
            var (sums, total) = (new double[outputs], new double[outputs]);
            foreach (var r in sorted) for (var k = 0; k < outputs; k++) total[k] += answers[r * outputs + k];
            var whole = total.Sum(t => t * t) / sorted.Length;
            for (var i = 0; i < sorted.Length - LeastRows; i++)
            {
                for (var k = 0; k < outputs; k++) sums[k] += answers[sorted[i] * outputs + k];
                if (i + 1 < LeastRows || !allowed(i)) continue;
                var parts = 0.0;
                for (var k = 0; k < outputs; k++) parts += sums[k] * sums[k] / (i + 1) + (total[k] - sums[k]) * (total[k] - sums[k]) / (sorted.Length - i - 1);
                if (parts - whole > gain) better(i, parts - whole);
            }
        }
    }

    private int MainOutput(int[] rows) => Enumerable.Range(0, outputs).MaxBy(k =>
    {
        var mean = rows.Average(r => answers[r * outputs + k]);
        return rows.Sum(r => (answers[r * outputs + k] - mean) * (answers[r * outputs + k] - mean));
    });

    private double[] Mean(int[] rows) => [.. Enumerable.Range(0, outputs).Select(k => rows.Length == 0 ? 0 : rows.Average(r => answers[r * outputs + k]))];

    private bool GoesLeft(Node node, int row)
    {
        var value = variables[node.Variable].Values[row];
        return node.Left is { } set ? set.Contains(value) : value <= node.Threshold;
    }

    private (double R2, double? Agreement) Measure(Node root, int[] rows)
    {
        if (rows.Length == 0) return (double.NaN, null);
        var mean = Mean(rows);
        var (residual, spread, same) = (0.0, 0.0, 0);
        foreach (var row in rows)
        {
            var node = root;
            while (node.Yes is not null) node = GoesLeft(node, row) ? node.Yes : node.No!;
            var said = answers.AsSpan(row * outputs, outputs);
            for (var k = 0; k < outputs; k++)
            {
                residual += (said[k] - node.Mean[k]) * (said[k] - node.Mean[k]);
                spread += (said[k] - mean[k]) * (said[k] - mean[k]);
            }

            if (schema.Task != TaskKind.Regression && shape.Text(said) == shape.Text(node.Mean)) same++;
        }

        return (spread > 0 ? 1 - residual / spread : 1, schema.Task == TaskKind.Regression ? null : (double)same / rows.Length);
    }

    private void Print(Node node, int level, List<string> lines)
    {
        var indent = new string(' ', 2 * level);
        if (node.Yes is null)
        {
            lines.Add($"{indent}{Answer(node)} ({node.Rows.ToString("N0", CultureInfo.InvariantCulture)} rows)");
            return;
        }

        var (yes, no) = Conditions(node);
        lines.Add($"{indent}{yes}:");
        Print(node.Yes, level + 1, lines);
        lines.Add($"{indent}{no}:");
        Print(node.No!, level + 1, lines);
    }

    private (string Yes, string No) Conditions(Node node)
    {
        var variable = variables[node.Variable];
        if (node.Left is not { } set)
        {
            var missing = variable.Values.Any(double.IsNaN) ? " or missing" : "";
            var threshold = node.Threshold.ToString("0.###", CultureInfo.InvariantCulture) + (variable.Unit is { } unit ? $" {unit}" : "");
            return ($"{variable.Name} up to {threshold}", $"{variable.Name} above {threshold}{missing}");
        }

        // The shorter of the two lists is named.
        var all = variable.Values.Distinct().ToHashSet();
        var others = all.Except(set).ToArray();
        return set.Count <= others.Length ? ($"{variable.Name} in {Named(variable, set)}", $"{variable.Name} otherwise") : ($"{variable.Name} not in {Named(variable, others)}", $"{variable.Name} in these");
    }

    private static string Named(ReadableVariable variable, IEnumerable<double> values)
    {
        var names = values.Order().Select(v => double.IsNaN(v) ? "(missing)" : variable.Text(v)).ToArray();
        return string.Join(", ", names.Take(NamedTexts)) + (names.Length > NamedTexts ? $" and {names.Length - NamedTexts} more" : "");
    }

    private string Answer(Node node) => schema.Task switch
    {
        TaskKind.Regression => node.Mean[0].ToString("0.####", CultureInfo.InvariantCulture),
        TaskKind.Binary => $"probability {node.Mean[0].ToString("0.###", CultureInfo.InvariantCulture)}",
        _ => $"{shape.Text(node.Mean)}, probability {node.Mean[shape.Best(node.Mean)].ToString("0.###", CultureInfo.InvariantCulture)}",
    };

    private static int Depth(Node node) => node.Yes is null ? 0 : 1 + Math.Max(Depth(node.Yes), Depth(node.No!));

    private sealed class Node
    {
        public required double[] Mean { get; init; }

        public required int Rows { get; init; }

        public int Variable { get; set; }

        public double Threshold { get; set; }

        public HashSet<double>? Left { get; set; }

        public Node? Yes { get; set; }

        public Node? No { get; set; }
    }
}
