using Serverless.Models;
using Serverless.Problems;

namespace Serverless.Training;

/// <summary>How much each training row counts, from the weight of its class.</summary>
internal static class ClassWeights
{
    /// <summary>Balanced: rows / (classes * rows of the class), as scikit-learn's <c>class_weight="balanced"</c>.</summary>
    /// <exception cref="DataException">A weight for a class that no training row has.</exception>
    public static float[] Of(ClassWeightsDefinition stated, string model, float[] labels, IReadOnlyList<string> classes)
    {
        var byClass = stated.ByClass is { } named ? Named(named, model, classes) : Balanced(labels, classes.Count);
        return Array.ConvertAll(labels, l => (float)byClass[(int)l]);
    }

    private static double[] Balanced(float[] labels, int classes)
    {
        var counts = new long[classes];
        foreach (var label in labels) counts[(int)label]++;
        return Array.ConvertAll(counts, c => c == 0 ? 1 : (double)labels.Length / classes / c);
    }

    private static double[] Named(IReadOnlyDictionary<string, double> named, string model, IReadOnlyList<string> classes)
    {
        if (named.Keys.FirstOrDefault(k => !classes.Contains(k)) is { } unknown)
        {
            throw new DataException($"'classWeights' of model '{model}' names class '{unknown}', which no training row has.{Suggest.Hint(unknown, classes)}");
        }

        return [.. classes.Select(c => named.GetValueOrDefault(c, 1))];
    }
}
