using System.IO.Compression;
using Parquet;
using Parquet.Schema;
using Serverless.Scoring;

namespace Serverless.Web.Predict;

/// <summary>
/// The prediction log as Parquet: id, time, model, version, role, subject, inputs (JSON as sent), outputs, prediction, notes. Parquet.Net with zstd at its fastest and
/// no search for dictionaries took 0.5 microseconds a row where DuckDB's appender with COPY took 1.9 (bench/README.md).
/// </summary>
internal sealed class ParquetPredictions : IPredictionFormat
{
    private static readonly ParquetOptions Options = new()
    {
        CompressionMethod = CompressionMethod.Zstd,
        CompressionLevel = CompressionLevel.Fastest,
        DictionaryEncodingThreshold = 0,
    };

    private static readonly DataField Id = Text("id");
    private static readonly DataField Time = new DateTimeDataField("time", DateTimeFormat.DateAndTimeMicros, isAdjustedToUTC: true, isNullable: false);
    private static readonly DataField Model = Text("model");
    private static readonly DataField Version = new DataField<int>("version");
    private static readonly DataField Role = Text("role");
    private static readonly DataField Subject = new("subject", typeof(string), isNullable: true);
    private static readonly DataField Inputs = Text("inputs");
    private static readonly DataField Output = new DataField<double>("element");
    private static readonly ListField Outputs = new("outputs", Output);
    private static readonly DataField Prediction = Text("prediction");
    private static readonly DataField Notes = new("notes", typeof(string), isNullable: true);
    private static readonly ParquetSchema Schema = new(Id, Time, Model, Version, Role, Subject, Inputs, Outputs, Prediction, Notes);

    public string Extension => ".parquet";

    public async Task WriteAsync(PredictionBatch batch, Stream stream, CancellationToken cancel = default)
    {
        var writer = await ParquetWriter.CreateAsync(Schema, stream, Options, cancellationToken: cancel).ConfigureAwait(false);
        await using var _ = writer.ConfigureAwait(false);
        using var group = writer.CreateRowGroup();
        var texts = new ReadOnlyMemory<char>[batch.Count];
        await group.WriteAsync<ReadOnlyMemory<char>>(Id, Column(batch, texts, static (b, i) => b.Id(i)), cancellationToken: cancel).ConfigureAwait(false);
        await group.WriteAsync(Time, batch.TimeColumn, cancellationToken: cancel).ConfigureAwait(false);
        Array.Fill(texts, batch.Model.AsMemory());
        await group.WriteAsync<ReadOnlyMemory<char>>(Model, texts, cancellationToken: cancel).ConfigureAwait(false);
        await group.WriteAsync(Version, batch.VersionColumn, cancellationToken: cancel).ConfigureAwait(false);
        await group.WriteAsync<ReadOnlyMemory<char>>(Role, Column(batch, texts, static (b, i) => b.Role(i)), cancellationToken: cancel).ConfigureAwait(false);
        await group.WriteAsync<ReadOnlyMemory<char>>(Subject, Optional(batch, static (b, i) => b.Subject(i)), cancellationToken: cancel).ConfigureAwait(false);
        await group.WriteAsync<ReadOnlyMemory<char>>(Inputs, Column(batch, texts, static (b, i) => b.Inputs(i)), cancellationToken: cancel).ConfigureAwait(false);
        var levels = OutputLevels(batch);
        await group.WriteAllPartsAsync(Output, batch.OutputColumn, levels.Definition, levels.Repetition, cancel).ConfigureAwait(false);
        await group.WriteAsync<ReadOnlyMemory<char>>(Prediction, Column(batch, texts, static (b, i) => b.Prediction(i)), cancellationToken: cancel).ConfigureAwait(false);
        await group.WriteAsync<ReadOnlyMemory<char>>(Notes, Optional(batch, static (b, i) => b.Notes(i)), cancellationToken: cancel).ConfigureAwait(false);
        group.CompleteValidate();
    }

    private static DataField Text(string name) => new(name, typeof(string), isNullable: false);

    private static ReadOnlyMemory<ReadOnlyMemory<char>> Column(PredictionBatch batch, ReadOnlyMemory<char>[] texts, Func<PredictionBatch, int, ReadOnlyMemory<char>> read)
    {
        for (var i = 0; i < texts.Length; i++) texts[i] = read(batch, i);
        return texts;
    }

    private static ReadOnlyMemory<ReadOnlyMemory<char>?> Optional(PredictionBatch batch, Func<PredictionBatch, int, ReadOnlyMemory<char>> read)
    {
        var texts = new ReadOnlyMemory<char>?[batch.Count];
        for (var i = 0; i < texts.Length; i++)
        {
            // An assignment of null would make an empty text of it: null is an array too, and arrays convert.
            if (read(batch, i) is { IsEmpty: false } text) texts[i] = text;
        }

        return texts;
    }

    // Every value is there; the first of a row begins a new list.
    private static (ReadOnlyMemory<int>? Definition, ReadOnlyMemory<int>? Repetition) OutputLevels(PredictionBatch batch)
    {
        var definition = new int[batch.OutputColumn.Length];
        var repetition = new int[batch.OutputColumn.Length];
        Array.Fill(definition, Output.MaxDefinitionLevel);
        Array.Fill(repetition, Output.MaxRepetitionLevel);
        var start = 0;
        foreach (var end in batch.OutputEnds)
        {
            repetition[start] = 0;
            start = end;
        }

        return (definition, repetition);
    }
}
