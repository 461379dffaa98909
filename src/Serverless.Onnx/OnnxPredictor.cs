using Microsoft.ML.OnnxRuntime;
using Serverless.Onnx.Files;
using Serverless.Problems;
using Serverless.Scoring.Predictors;

namespace Serverless.Onnx;

/// <summary>A model that was trained elsewhere, run by ONNX Runtime. One thread for a call: batches are spread over the cores by whoever asks.</summary>
internal sealed class OnnxPredictor : IBatchPredictor
{
    private readonly InferenceSession session;
    private readonly OnnxBinding binding;
    private readonly string[] inputNames;
    private readonly string[] outputNames;
    private readonly RunOptions options = new();

    /// <param name="bytes">As <see cref="OnnxRewrite"/> made it.</param>
    /// <exception cref="InvalidDataException">ONNX Runtime does not take it; the message says why.</exception>
    public OnnxPredictor(byte[] bytes)
    {
        Bytes = bytes;
        binding = OnnxBinding.Read(OnnxRewrite.Binding(bytes) ?? throw new InvalidDataException("model.onnx has no binding (metadata 'serverless.binding')"));
        (inputNames, outputNames) = ([.. binding.Inputs.Select(i => i.Name)], [binding.Output]);
        using var settings = new SessionOptions { IntraOpNumThreads = 1, InterOpNumThreads = 1, ExecutionMode = ExecutionMode.ORT_SEQUENTIAL, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
        try
        {
            session = new InferenceSession(bytes, settings);
        }
        catch (OnnxRuntimeException e)
        {
            throw new InvalidDataException($"ONNX Runtime does not take the model: {e.Message.Split('\n')[0]}", e);
        }
        catch (Exception e) when (e is DllNotFoundException or TypeInitializationException { InnerException: DllNotFoundException })
        {
            throw new EnvironmentException($"the native library of ONNX Runtime cannot be loaded on this machine ({e.Message.Split('\n')[0]}). It comes with the package Microsoft.ML.OnnxRuntime for Linux (glibc), macOS and Windows.", e);
        }
    }

    public string Format => OnnxFormat.Name;

    public int Outputs => binding.Columns.Count;

    /// <summary>The file that is stored.</summary>
    public byte[] Bytes { get; }

    private int Width => binding.Inputs.Sum(i => i.Width);

    public void Predict(ReadOnlySpan<float> features, Span<double> outputs) => PredictMany(features, 1, features.Length, outputs);

    public void PredictMany(ReadOnlySpan<float> features, int rows, int width, Span<double> outputs)
    {
        if (width < Width) throw new ArgumentException($"a row of {width} features; the model reads {Width}");
        var step = binding.RowByRow ? 1 : rows;
        for (var r = 0; r < rows; r += step) Run(features.Slice(r * width, step * width), step, width, outputs.Slice(r * Outputs, step * Outputs));
    }

    private void Run(ReadOnlySpan<float> features, int rows, int width, Span<double> outputs)
    {
        var values = new OrtValue[binding.Inputs.Count];
        try
        {
            for (int i = 0, from = 0; i < values.Length; from += binding.Inputs[i++].Width) values[i] = Tensor(binding.Inputs[i], features, rows, width, from);
            using var results = session.Run(options, inputNames, values, outputNames);
            Read(results[0], rows, outputs);
        }
        catch (OnnxRuntimeException e)
        {
            throw new DataException($"ONNX Runtime cannot answer: {e.Message.Split('\n')[0]}", e);
        }
        finally
        {
            foreach (var value in values) value?.Dispose();
        }

        Unanswerable(features, rows, width, outputs);
    }

    private static OrtValue Tensor(OnnxInput input, ReadOnlySpan<float> features, int rows, int width, int from)
    {
        long[] shape = input.Flat ? [rows] : [rows, input.Width];
        switch (input.Type)
        {
            case 1:
                var floats = new float[rows * input.Width];
                for (var r = 0; r < rows; r++) features.Slice(r * width + from, input.Width).CopyTo(floats.AsSpan(r * input.Width));
                return OrtValue.CreateTensorValueFromMemory(floats, shape);
            case 11:
                var doubles = new double[rows * input.Width];
                for (var i = 0; i < doubles.Length; i++) doubles[i] = features[i / input.Width * width + from + i % input.Width];
                return OrtValue.CreateTensorValueFromMemory(doubles, shape);
            default:
                var longs = new long[rows * input.Width];
                for (var i = 0; i < longs.Length; i++) longs[i] = features[i / input.Width * width + from + i % input.Width] is var f && float.IsFinite(f) ? (long)f : 0;
                return OrtValue.CreateTensorValueFromMemory(longs, shape);
        }
    }

    private void Read(OrtValue result, int rows, Span<double> outputs)
    {
        var type = result.GetTensorTypeAndShape().ElementDataType;
        if (type == Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.Float) Read(result.GetTensorDataAsSpan<float>(), rows, outputs, static v => v);
        else if (type == Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.Double) Read(result.GetTensorDataAsSpan<double>(), rows, outputs, static v => v);
        else throw new InvalidDataException($"output '{binding.Output}' holds {type}, not numbers");
    }

    private void Read<T>(ReadOnlySpan<T> data, int rows, Span<double> outputs, Func<T, double> number)
    {
        var columns = data.Length / rows;
        if (columns * rows != data.Length || columns <= binding.Columns.Max())
        {
            throw new InvalidDataException($"output '{binding.Output}' gave {data.Length} values for {rows} rows, where {binding.Columns.Max() + 1} for each are needed");
        }

        for (var r = 0; r < rows; r++)
        {
            for (var k = 0; k < Outputs; k++) outputs[r * Outputs + k] = number(data[r * columns + binding.Columns[k]]);
        }
    }

    // A whole number cannot be missing: rows where one is have no answer rather than that of zero.
    private void Unanswerable(ReadOnlySpan<float> features, int rows, int width, Span<double> outputs)
    {
        for (int i = 0, from = 0; i < binding.Inputs.Count; from += binding.Inputs[i++].Width)
        {
            if (binding.Inputs[i].Type != 7) continue;
            for (var r = 0; r < rows; r++)
            {
                if (!float.IsFinite(features[r * width + from])) outputs.Slice(r * Outputs, Outputs).Fill(double.NaN);
            }
        }
    }
}
