using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;
using Serverless.Arrival;
using Serverless.Cli.Terminal;
using Serverless.Models;
using Serverless.Problems;
using Serverless.Scoring;
using Serverless.Web.Predict;

namespace Serverless.Cli.Prediction;

/// <summary>Scores bodies of rows and collects the answers, in the shape that HTTP gives them.</summary>
internal sealed partial class Answers
{
    private const int MaxListedErrors = 20;

    private static readonly RequestLimits NoLimits = new() { MaxRows = int.MaxValue, MaxBytes = int.MaxValue, MaxErrors = MaxListedErrors };

    private readonly ServedModel model;
    private readonly DataNote? note;
    private readonly PredictionIds ids;
    private readonly IPredictionLog log;
    private readonly TimeProvider time;
    private readonly ArrayBufferWriter<byte> text = new();
    private readonly Utf8JsonWriter json;
    private readonly PredictionRequest request = new();
    private readonly List<(int, string, double?)> lines = [];
    private readonly HashSet<Task> stored = [];

    public Answers(ServedModel model, DataNote? note, PredictionIds ids, IPredictionLog log, TimeProvider time)
    {
        (this.model, this.note, this.ids, this.log, this.time) = (model, note, ids, log, time);
        json = new Utf8JsonWriter(text, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        json.WriteStartObject();
        json.WriteString("model", model.Name);
        json.WriteNumber("version", model.Version);
        if (note is not null)
        {
            json.WriteStartArray("notes");
            foreach (var text in note.Encoded) json.WriteStringValue(text);
            json.WriteEndArray();
        }

        json.WriteStartArray("predictions");
    }

    public int Count { get; private set; }

    /// <summary>Rows that are unlike what the version learned from.</summary>
    public int Unusual { get; private set; }

    /// <summary>The first answers, for people: number of the row from 1, the prediction, its probability where the task has one.</summary>
    public IReadOnlyList<(int Row, string Prediction, double? Probability)> Lines => lines;

    /// <summary>Scores <c>{"rows":[...]}</c>. Throws <see cref="DataException"/> naming row and field when a row is not what the model takes.</summary>
    public void Add(byte[] body)
    {
        Read(body, model, request, Count);
        var now = time.GetUtcNow().UtcDateTime;
        for (var row = 0; row < request.Count; row++) Add(row, now, body);
    }

    /// <summary>Reads and scores <c>{"rows":[...]}</c>. Throws <see cref="DataException"/> naming row and field when a row is not what the model takes.</summary>
    /// <param name="before">Rows of the same input that were read before.</param>
    public static void Read(byte[] body, ServedModel model, PredictionRequest request, int before)
    {
        // What the rows look up at once: nobody else waits for this thread.
        if (model.LooksUp) model.FetchAsync(body, int.MaxValue).AsTask().GetAwaiter().GetResult();
        RequestReader.Read(body, model, request, NoLimits);
        if (request.Errors is { } errors) throw new DataException(Explain(errors, before));
    }

    /// <summary>Waits for the records of a durable model.</summary>
    /// <exception cref="EnvironmentException">They are not stored, so nothing is to be answered.</exception>
    public async Task StoredAsync()
    {
        try
        {
            await Task.WhenAll(stored);
        }
        catch (NotLoggedException e)
        {
            throw new EnvironmentException($"nothing is answered, because model '{model.Name}' answers only what is recorded (predictionLog: durable) and the prediction log cannot be written: {e.Message}", e);
        }
    }

    public string ToJson()
    {
        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        return Encoding.UTF8.GetString(text.WrittenSpan);
    }

    private void Add(int row, DateTime now, ReadOnlySpan<byte> body)
    {
        var outputs = request.Outputs(row);
        var id = ids.Next(now);
        json.WriteStartObject();
        json.WriteString("id", id);
        var by = request.By(row, model);
        json.WriteNumber("version", by.Version);
        json.WriteString("role", by.Role);
        if (by.Segment is { } segment) json.WriteString("segment", segment);
        AnswerWriter.Write(json, by.Answers, outputs);
        OutlierWriter.Write(json, request.Outlier(row));
        FallbackWriter.Write(json, request.Fallbacks(row));
        if (request.Outlier(row).IsOutlier) Unusual++;
        json.WriteEndObject();
        var prediction = by.Answers.Text(outputs);
        var recorded = log.Append(new PredictionRecord(id, now, by.Name, by.Version, by.Role, request.Subject, request.Sent(row, body), outputs, prediction, note?.Text, lookedUp: request.LookedUp(row), segment: by.Segment, outlier: request.Outlier(row)));
        if (model.Durable) stored.Add(recorded);
        Count++;
        if (lines.Count >= MaxListedErrors) return;
        lines.Add(model.Schema.Task == TaskKind.Regression ? (Count, Cells.Number(outputs[0]), null) : (Count, prediction, model.Answers.Score(outputs)));
    }

    // rows[3].distance of a later part is another row of the file.
    private static string Explain(FieldErrors errors, int before)
    {
        var all = new StringBuilder("the input cannot be scored; nothing of it was predicted from there on.");
        foreach (var (field, messages) in errors.Fields) foreach (var message in messages) all.AppendLine().Append("  ").Append(Place(field, before)).Append(": ").Append(message);
        if (errors.Count > errors.Fields.Sum(f => f.Value.Count)) all.AppendLine().Append(CultureInfo.InvariantCulture, $"  ... {errors.Count} errors in all.");
        return all.ToString();
    }

    private static string Place(string field, int before) => RowIndex().Replace(field, m => string.Create(CultureInfo.InvariantCulture,
        $"row {before + int.Parse(m.Groups[1].ValueSpan, CultureInfo.InvariantCulture) + 1}{(m.Groups[2].Success ? ", " : "")}"));

    [GeneratedRegex(@"^rows\[(\d+)\](\.)?")]
    private static partial Regex RowIndex();
}
