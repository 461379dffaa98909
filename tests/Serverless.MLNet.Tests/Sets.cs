using Serverless.Models;
using Serverless.Training;

namespace Serverless.MLNet.Tests;

/// <summary>Training sets with numbers and categories, some missing or never seen, and a label that depends on them.</summary>
internal static class Sets
{
    public static TrainingSet Make(TaskKind task, int rows, int seed)
    {
        var random = new Random(seed);
        FeatureSlot[] slots = [new("hour", 0, false), new("distance (miles)", 0, false), new("origin", 70, true), new("few", 3, true)];
        var values = new float[rows * slots.Length];
        var labels = new float[rows];
        for (var r = 0; r < rows; r++)
        {
            var row = values.AsSpan(r * slots.Length, slots.Length);
            row[0] = random.Next(24);
            row[1] = random.Next(4) == 0 ? 0 : (float)(random.NextDouble() * 1000 - 300);
            row[2] = random.Next(20) == 0 ? float.NaN : random.Next(70);
            row[3] = random.Next(3);
            var signal = row[0] / 24 + row[1] / 1000 + (float.IsNaN(row[2]) ? 0 : row[2] % 7 / 7) + random.NextDouble();
            labels[r] = task switch { TaskKind.Binary => signal > 1.4 ? 1 : 0, TaskKind.Multiclass => Math.Min(2, (int)signal), _ => (float)signal };
        }

        return new TrainingSet { Task = task, Features = new FeatureMatrix(values, rows, slots), Labels = labels, Classes = task switch { TaskKind.Binary => 2, TaskKind.Multiclass => 3, _ => 0 } };
    }
}
