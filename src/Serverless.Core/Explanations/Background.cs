using Serverless.Datasets;
using Serverless.Features;

namespace Serverless.Explanations;

/// <summary>Rows that stand for "nothing is known": a sample of what the version learned from, as raw rows and as features.</summary>
internal sealed class Background
{
    /// <param name="rows">In the order in which they were drawn: methods that need few take the first.</param>
    public Background(FeaturePlan plan, IReadOnlyList<RawRow> rows)
    {
        if (rows.Count == 0) throw new ArgumentException("no rows", nameof(rows));
        Rows = [.. rows];
        Width = plan.Slots.Count;
        Features = new float[Rows.Length * Width];
        for (var r = 0; r < Rows.Length; r++) plan.Fill(Rows[r], Features.AsSpan(r * Width, Width));
    }

    public RawRow[] Rows { get; }

    public int Width { get; }

    /// <summary>Row after row.</summary>
    public float[] Features { get; }

    public ReadOnlySpan<float> Row(int row) => Features.AsSpan(row * Width, Width);

    /// <summary>Mean scores of the first rows, by output.</summary>
    public double[] MeanScores(ScoreFunction score, int rows)
    {
        var (means, scores) = (new double[score.Outputs], new double[score.Outputs]);
        for (var r = 0; r < rows; r++)
        {
            score.All(Row(r), scores);
            for (var k = 0; k < scores.Length; k++) means[k] += scores[k] / rows;
        }

        return means;
    }

    /// <summary>Some rows of a table, in the order drawn.</summary>
    public static Background Draw(FeaturePlan plan, Table table, IReadOnlyList<int> candidates, int count, int seed)
    {
        var drawn = candidates.ToArray();
        new Random(seed).Shuffle(drawn);
        var loader = new RowLoader(table, plan.Schema);
        return new Background(plan, [.. drawn.Take(count).Select(r =>
        {
            var row = plan.Schema.NewRow();
            loader.Load(r, row);
            return row;
        })]);
    }
}
