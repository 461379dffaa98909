using Serverless.Models;
using Serverless.Training;

namespace Serverless.LightGbm.Tests;

/// <summary>Training sets with numbers, missing values and categories, and a label that depends on them.</summary>
internal static class Sets
{
    public static TrainingSet Make(TaskKind task, int rows, int seed, bool oneHot = false, bool missing = true)
    {
        var random = new Random(seed);
        FeatureSlot[] slots = [new("hour", 0, false), new("distance (miles)", 0, false), new("origin", 70, oneHot), new("few", 3, oneHot)];
        var values = new float[rows * slots.Length];
        var labels = new float[rows];
        for (var r = 0; r < rows; r++)
        {
            var row = values.AsSpan(r * slots.Length, slots.Length);
            row[0] = random.Next(24);
            row[1] = missing && random.Next(8) == 0 ? float.NaN : random.Next(4) == 0 ? 0 : (float)(random.NextDouble() * 1000 - 300);
            row[2] = missing && random.Next(20) == 0 ? float.NaN : random.Next(70);
            row[3] = random.Next(3);
            var signal = row[0] / 24 + (float.IsNaN(row[1]) ? 0.4 : row[1] / 1000) + (float.IsNaN(row[2]) ? 0 : row[2] % 7 / 7) + random.NextDouble();
            labels[r] = task switch { TaskKind.Binary => signal > 1.4 ? 1 : 0, TaskKind.Multiclass => Math.Min(2, (int)signal), _ => (float)signal };
        }

        return new TrainingSet { Task = task, Features = new FeatureMatrix(values, rows, slots), Labels = labels, Classes = task switch { TaskKind.Binary => 2, TaskKind.Multiclass => 3, _ => 0 } };
    }

    public static Dictionary<string, double> Defaults(params (string Name, double Value)[] changes)
    {
        var all = KnownTrainers.LightGbm.Hyperparameters.ToDictionary(h => h.Name, h => h.Default);
        foreach (var (name, value) in changes) all[name] = value;
        return all;
    }
}
