using Serverless.Evaluation.Weighted;
using Serverless.Models;
using Serverless.Statistics;

namespace Serverless.Evaluation;

/// <summary>Rows on which answers are judged, or some of them, with what a model answered.</summary>
/// <param name="Truth">Binary: 0 or 1. Multiclass: index of the class, -1 for one that the model does not know. Regression: the value.</param>
/// <param name="Outputs">As the predictor gives them, row after row.</param>
/// <param name="Classes">Names of the classes; empty for regression.</param>
/// <param name="Threshold">Probability above which a binary answer is true.</param>
internal sealed record JudgedRows(TaskKind Task, double[] Truth, double[] Outputs, IReadOnlyList<string> Classes, double Threshold = 0.5)
{
    public static JudgedRows Of(TaskKind task, Answers answers) => new(task, answers.Truth, answers.Outputs, answers.Classes, answers.Threshold) { Own = answers.Own };

    /// <summary>The model file's own metrics by name.</summary>
    public IReadOnlyDictionary<string, BusinessWeighted> Own { get; init; } = new Dictionary<string, BusinessWeighted>();

    public int Rows => Truth.Length;

    private int Width => Task == TaskKind.Multiclass ? Classes.Count : 1;

    /// <summary>A metric by name over weighted rows; null when there is none of that name.</summary>
    public IWeightedFigure? Figure(string name) => Own.TryGetValue(name, out var own) ? own : WeightedMetric.Of(Task, name, Truth, Outputs, Classes.Count, Threshold);

    /// <summary>A metric by name; null when it is not defined for these rows.</summary>
    public double? Metric(string name)
    {
        if (Rows == 0 || Array.Exists(Outputs, o => !double.IsFinite(o)) || Figure(name) is not { } figure) return null;
        var weights = new byte[Rows];
        Array.Fill(weights, (byte)1);
        return figure.Compute(weights) is var value && double.IsFinite(value) ? value : null;
    }

    /// <summary>The rows at these positions, in their order.</summary>
    public JudgedRows Take(int[] positions)
    {
        var (truth, outputs) = (new double[positions.Length], new double[positions.Length * Width]);
        for (var i = 0; i < positions.Length; i++)
        {
            truth[i] = Truth[positions[i]];
            Outputs.AsSpan(positions[i] * Width, Width).CopyTo(outputs.AsSpan(i * Width));
        }

        return this with { Truth = truth, Outputs = outputs, Own = Own.ToDictionary(o => o.Key, o => o.Value.Take(positions)) };
    }

    /// <summary>Whether the answer to a row is true (binary), or is the class (multiclass).</summary>
    public bool Says(int row, int @class) => Task == TaskKind.Multiclass ? RowLoss.Best(Outputs.AsSpan(row * Width, Width)) == @class : Outputs[row] > Threshold;

    /// <summary>The probability of true (binary), or of the class (multiclass).</summary>
    public double Probability(int row, int @class) => Task == TaskKind.Multiclass ? Outputs[(row * Width) + @class] : Outputs[row];
}
