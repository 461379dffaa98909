using Serverless.Models;
using Serverless.Onnx.Files;
using Serverless.Problems;
using Serverless.Scoring;
using Serverless.Training;

namespace Serverless.Onnx;

/// <summary>
/// Takes models that were trained elsewhere. What is asked of a file: operators of ONNX itself only, one float tensor for all features or one for each by name, and an output of probabilities or values.
/// </summary>
internal sealed class OnnxImporter : IModelImporter
{
    private const int Probes = 4096;

    public string Name => KnownTrainers.Onnx.Name;

    public TrainerTraits Traits => KnownTrainers.Onnx.Traits;

    public string Library => "Microsoft.ML.OnnxRuntime 1.31.1";

    public IReadOnlyList<Hyperparameter> Hyperparameters => [];

    public bool Supports(TaskKind task) => true;

    public IPredictor Fit(TrainingSet set, IReadOnlyDictionary<string, double> hyperparameters, int seed, IProgress<double>? progress, CancellationToken cancel) =>
        throw new DataException("an ONNX model is imported, not trained: serverless-ml models import MODEL FILE.onnx");

    public ImportFile Open(string path)
    {
        var bytes = File.ReadAllBytes(path);
        var file = Read(bytes, Path.GetFileName(path));
        var whole = file.External.Count == 0 ? bytes : OnnxRewrite.Run(bytes, ExternalData.In(Path.GetDirectoryName(Path.GetFullPath(path))!, Path.GetFileName(path), file), file, null, "");
        return new ImportFile(whole, $"{(file.Producer.Length > 0 ? file.Producer : "unknown producer")}, opset {string.Join(", ", file.Opsets.OrderBy(o => o.Key, StringComparer.Ordinal).Select(o => $"{o.Key} {o.Value}"))}");
    }

    public IReadOnlyList<string>? Classes(ModelDefinition model, ImportFile file, string fileName) =>
        model.Task == TaskKind.Regression ? [] : model.Task == TaskKind.Binary ? ["false", "true"] : OnnxRules.Labels(model, Read(file.Content, fileName), fileName);

    public IPredictor Import(ModelDefinition model, ImportFile content, string fileName, IReadOnlyList<string> classes, FeatureMatrix rows)
    {
        var file = Read(content.Content, fileName);
        var (binding, zipMap) = OnnxRules.Bind(model, file, fileName, [.. rows.Slots.Select(s => s.Name)], classes);
        try
        {
            var predictor = new OnnxPredictor(OnnxRewrite.Run(content.Content, _ => throw new InvalidDataException("it has external data"), file, zipMap, binding.Write()));
            Probe(model, predictor, rows, binding.Output);
            return predictor;
        }
        catch (InvalidDataException e)
        {
            throw new DataException($"{fileName}: {e.Message}", e);
        }
    }

    private static OnnxFile Read(byte[] bytes, string fileName)
    {
        try
        {
            var file = OnnxReader.Read(bytes);
            OnnxRules.RequireStandard(file, fileName);
            return file;
        }
        catch (InvalidDataException e)
        {
            throw new DataException($"{fileName} is not an ONNX model, or a damaged one: {e.Message}", e);
        }
    }

    // Answers to real rows where there are some, else to a row of zeros.
    private static void Probe(ModelDefinition model, OnnxPredictor predictor, FeatureMatrix rows, string output)
    {
        var width = rows.Slots.Count;
        var count = Math.Clamp(rows.Rows, 1, Probes);
        var answers = new double[count * predictor.Outputs];
        predictor.PredictMany(rows.Rows == 0 ? new float[width] : rows.Values.AsSpan(0, count * width), count, width, answers);
        if (model.Task == TaskKind.Regression) return;
        for (var r = 0; r < count; r++)
        {
            var row = answers.AsSpan(r * predictor.Outputs, predictor.Outputs);
            var (sum, within) = (0.0, true);
            foreach (var p in row)
            {
                sum += p;
                within &= double.IsNaN(p) || p is >= -1e-4 and <= 1 + 1e-4;
            }

            if (!within || (row.Length > 1 && Math.Abs(sum - 1) > 1e-3))
            {
                throw new InvalidDataException(FormattableString.Invariant($"output '{output}' is not probabilities: row {r + 1} gave {string.Join(", ", row.ToArray().Select(p => p.ToString("0.####", System.Globalization.CultureInfo.InvariantCulture)))}. ")
                    + "Export the model with probabilities, or name another output: 'onnx: { output: NAME }'");
            }
        }
    }
}
