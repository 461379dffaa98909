using Serverless.Datasets;
using Serverless.Evaluation;
using Serverless.Features;
using Serverless.Scoring;

namespace Serverless.Gating;

/// <summary>Times answers one row at a time, as a request asks for them.</summary>
internal static class SingleRows
{
    private const int Warm = 200;
    private const int Most = 1000;
    private const int Fewest = 100;
    private static readonly TimeSpan Enough = TimeSpan.FromSeconds(1);

    /// <returns>Seconds for each of up to 1,000 rows spread over the holdout; fewer when they take longer than a second together.</returns>
    public static double[] Time(ScoringPipeline pipeline, Holdout holdout, TimeProvider time, CancellationToken cancel)
    {
        var schema = new RawSchema(pipeline.Schema.Inputs);
        var (loader, row, features, outputs) = (new RowLoader(holdout.Table, schema), schema.NewRow(), new float[pipeline.Schema.FeatureCount], new double[pipeline.Schema.Outputs]);
        var times = new List<double>(Most);
        var total = TimeSpan.Zero;
        var count = Math.Min(Most, holdout.Count);
        for (var i = -Math.Min(Warm, count); i < count; i++)
        {
            cancel.ThrowIfCancellationRequested();
            if (i >= Fewest && total > Enough) break;
            loader.Load(holdout.Rows[(int)((long)Math.Abs(i) * holdout.Count / (count + 1))], row);
            var from = time.GetTimestamp();
            pipeline.Score(row, features, outputs);
            var took = time.GetElapsedTime(from);
            if (i < 0) continue; // code that is compiled while it runs would be timed with its compilation
            total += took;
            times.Add(took.TotalSeconds);
        }

        return [.. times];
    }
}
