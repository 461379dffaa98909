using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Serverless.Scoring;

namespace Serverless.Web.Predict;

/// <summary>What answering takes, a thread's own, so that a request leaves next to nothing for the garbage collector.</summary>
internal sealed class PredictScratch
{
    public PredictScratch() => Json = new Utf8JsonWriter(Text, new JsonWriterOptions { SkipValidation = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    public PredictAnswer Answer { get; } = new();

    public ArrayBufferWriter<byte> Text { get; } = new(1024);

    public Utf8JsonWriter Json { get; }

    public RowsText Rows { get; } = new();

    public TensorRequest Tensors { get; } = new();

    public InvocationRequest Invocation { get; } = new();
}
