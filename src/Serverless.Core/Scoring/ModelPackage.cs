using System.IO.Compression;
using System.Text.Json;
using Serverless.Features;
using Serverless.Problems;
using Serverless.Scoring.Predictors;

namespace Serverless.Scoring;

/// <summary>Writes and reads model.zip: <c>pipeline.json</c> and the predictor's file. The same model always gives the same bytes.</summary>
public static class ModelPackage
{
    private const string PipelineFile = "pipeline.json";

    // The first moment that a zip file can hold: a time of writing would make equal models differ.
    private static readonly DateTimeOffset Epoch = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly Dictionary<string, IPredictorFormat> BuiltIn = new IPredictorFormat[] { new LightGbmFormat(), new TreesFormat(), new LinearFormat(), new AdditiveFormat(), new ConstantFormat() }
        .ToDictionary(f => f.Format, StringComparer.Ordinal);

    /// <summary>The formats that Core knows; other projects may register more.</summary>
    public static IReadOnlyCollection<IPredictorFormat> Formats => BuiltIn.Values;

    public static byte[] Write(PipelineDocument document, IPredictor predictor, IEnumerable<IPredictorFormat>? more = null, Outliers.OutlierDocument? outliers = null)
    {
        var format = Find(predictor.Format, more);
        using var buffer = new MemoryStream();
        using (var zip = new ZipArchive(buffer, ZipArchiveMode.Create, leaveOpen: true))
        {
            Entry(zip, PipelineFile, stream => JsonSerializer.Serialize(stream, document, PipelineJson.Instance.PipelineDocument));
            Entry(zip, format.FileName, stream => format.Write(predictor, stream));
            if (outliers is not null) Entry(zip, Outliers.OutlierDocument.FileName, outliers.Write);
        }

        return buffer.ToArray();
    }

    /// <summary>Reads a model back.</summary>
    /// <exception cref="DataException">It is damaged, or a newer version of the program wrote it; the message says which.</exception>
    public static ScoringPipeline Read(Stream content, int version, IEnumerable<IPredictorFormat>? more = null)
    {
        try
        {
            using var zip = new ModelArchive(content);
            PipelineDocument document;
            using (var stream = zip.Open(PipelineFile)) document = ReadDocument(stream);
            var format = Find(document.Predictor, more);
            using var file = zip.Open(format.FileName);
            return new ScoringPipeline(document, new FeaturePlan(document.Features), format.Read(file), version) { Outliers = ReadOutliers(zip, document), Bytes = zip.Bytes };
        }
        catch (Exception e) when (e is InvalidDataException or JsonException or FormatException or ArgumentException)
        {
            throw new DataException($"model.zip is damaged: {e.Message}", e);
        }
    }

    private static Outliers.OutlierDetector? ReadOutliers(ModelArchive zip, PipelineDocument document)
    {
        if (!zip.Has(Outliers.OutlierDocument.FileName)) return null;
        using var stream = zip.Open(Outliers.OutlierDocument.FileName);
        return new Outliers.OutlierDetector(Outliers.OutlierDocument.Read(stream), document.Features.Inputs);
    }

    private static PipelineDocument ReadDocument(Stream stream)
    {
        using var json = JsonDocument.Parse(stream);
        if (json.RootElement.ValueKind != JsonValueKind.Object || !json.RootElement.TryGetProperty("schemaVersion", out var version) || !version.TryGetInt32(out var number))
        {
            throw new InvalidDataException($"{PipelineFile} has no schemaVersion");
        }

        if (number > PipelineDocument.KnownSchemaVersion)
        {
            throw new DataException($"model.zip has schemaVersion {number}; this program knows up to {PipelineDocument.KnownSchemaVersion}: update it");
        }

        return PipelineReader.Read(json.RootElement, PipelineFile);
    }

    private static void Entry(ZipArchive zip, string name, Action<Stream> write)
    {
        var entry = zip.CreateEntry(name, CompressionLevel.Optimal);
        entry.LastWriteTime = Epoch;
        using var stream = entry.Open();
        write(stream);
    }

    private static IPredictorFormat Find(string name, IEnumerable<IPredictorFormat>? more) =>
        BuiltIn.TryGetValue(name, out var format) ? format
        : more?.FirstOrDefault(f => f.Format == name)
            ?? throw new DataException($"predictor format '{name}' is not known to this program.{Suggest.Hint(name, BuiltIn.Keys.Concat(more?.Select(f => f.Format) ?? []))}");
}
