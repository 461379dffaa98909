using System.Runtime.CompilerServices;
using Serverless.Models;
using Serverless.Scoring;

namespace Serverless.Web.Predict.OpenInference;

/// <summary>One output of a model as a tensor.</summary>
/// <param name="Width">Values in each row.</param>
internal sealed record TensorOutput(string Name, string Datatype, int Width);

/// <summary>The outputs that a model has as tensors: the prediction first, then what it was made of, then the id under which it is recorded.</summary>
internal static class TensorOutputs
{
    public const string Prediction = "prediction";
    public const string Probability = "probability";
    public const string Probabilities = "probabilities";
    public const string PredictionId = "prediction_id";

    private static readonly ConditionalWeakTable<ModelSchema, IReadOnlyList<TensorOutput>> Known = [];
    private static readonly ConditionalWeakTable<ModelSchema, IReadOnlyList<string>> KnownNames = [];

    public static IReadOnlyList<TensorOutput> Of(ModelSchema schema) => Known.GetValue(schema, static s => s.Task switch
    {
        TaskKind.Binary => [new(Prediction, "BOOL", 1), new(Probability, "FP64", 1), new(PredictionId, "BYTES", 1)],
        TaskKind.Multiclass => [new(Prediction, "BYTES", 1), new(Probability, "FP64", 1), new(Probabilities, "FP64", s.Classes.Count), new(PredictionId, "BYTES", 1)],
        _ => [new(Prediction, "FP64", 1), new(PredictionId, "BYTES", 1)],
    });

    public static IReadOnlyList<string> Names(ModelSchema schema) => KnownNames.GetValue(schema, static s => [.. Of(s).Select(o => o.Name)]);
}
