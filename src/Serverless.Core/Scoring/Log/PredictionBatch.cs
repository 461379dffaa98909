using System.Text;

namespace Serverless.Scoring;

/// <summary>
/// Predictions of one model, column by column. Text stands in one growing buffer, so that a prediction waiting for its flush is no object of its own and the
/// garbage collector has nothing to follow. Not thread-safe.
/// </summary>
public sealed class PredictionBatch(string model)
{
    private const int TextsPerRow = 14, HashLength = 16;

    private char[] text = new char[16 * 1024];
    private int textLength;
    private int[] ends = new int[256 * TextsPerRow];
    private DateTime[] times = new DateTime[256];
    private int[] versions = new int[256];
    private Protocol[] protocols = new Protocol[256];
    private int[] outputEnds = new int[256];
    private double[] outputs = new double[256];
    private int outputCount;
    private double?[] outliers = new double?[256];

    public string Model { get; } = model;

    public int Count { get; private set; }

    /// <summary>Characters held: what bounds the memory of a batch.</summary>
    public int TextLength => textLength;

    public ReadOnlySpan<DateTime> Times => times.AsSpan(0, Count);

    public ReadOnlyMemory<DateTime> TimeColumn => times.AsMemory(0, Count);

    public ReadOnlyMemory<int> VersionColumn => versions.AsMemory(0, Count);

    /// <summary>All outputs, row after row.</summary>
    public ReadOnlyMemory<double> OutputColumn => outputs.AsMemory(0, outputCount);

    /// <summary>Where the outputs of a row end in <see cref="OutputColumn"/>.</summary>
    public ReadOnlySpan<int> OutputEnds => outputEnds.AsSpan(0, Count);

    public ReadOnlyMemory<char> Id(int row) => Text(row, 0);

    public ReadOnlyMemory<char> Role(int row) => Text(row, 1);

    /// <summary>Empty when none was given.</summary>
    public ReadOnlyMemory<char> Subject(int row) => Text(row, 2);

    public ReadOnlyMemory<char> Inputs(int row) => Text(row, 3);

    public ReadOnlyMemory<char> Prediction(int row) => Text(row, 4);

    /// <summary>Empty when there was nothing to say.</summary>
    public ReadOnlyMemory<char> Notes(int row) => Text(row, 5);

    /// <summary>Empty when the caller gave none.</summary>
    public ReadOnlyMemory<char> Key(int row) => Text(row, 6);

    public Protocol Protocol(int row) => protocols[row];

    /// <summary>Empty, as the next three, where no rollout was under way.</summary>
    public ReadOnlyMemory<char> Rollout(int row) => Text(row, 7);

    public ReadOnlyMemory<char> Variant(int row) => Text(row, 8);

    /// <summary>Why the subject had its variant.</summary>
    public ReadOnlyMemory<char> Assignment(int row) => Text(row, 9);

    /// <summary>16 hexadecimal digits.</summary>
    public ReadOnlyMemory<char> SubjectHash(int row) => Text(row, 10);

    /// <summary>JSON of what was looked up for the row; empty when nothing was.</summary>
    public ReadOnlyMemory<char> LookedUp(int row) => Text(row, 11);

    /// <summary>Empty where the model has none.</summary>
    public ReadOnlyMemory<char> Segment(int row) => Text(row, 12);

    /// <summary>JSON array of reasons; empty where the row is no outlier, or nobody asked.</summary>
    public ReadOnlyMemory<char> OutlierReasons(int row) => Text(row, 13);

    /// <summary>Null where none was computed.</summary>
    public ReadOnlyMemory<double?> OutlierColumn => outliers.AsMemory(0, Count);

    public void Add(in PredictionRecord record)
    {
        var route = record.Route;
        Grow(record.Outputs.Length,
            record.Id.Length + record.Role.Length + (record.Subject?.Length ?? 0) + record.Inputs.Length + record.Prediction.Length + (record.Notes?.Length ?? 0) + (record.Key?.Length ?? 0)
            + (route.Rollout is null ? 0 : route.Rollout.Length + (route.Variant?.Length ?? 0) + (route.Reason?.Length ?? 0) + HashLength)
            + record.LookedUp.Length + (record.Segment?.Length ?? 0) + (record.Outlier.Reasons?.Length ?? 0));
        times[Count] = record.At;
        versions[Count] = record.Version;
        protocols[Count] = record.Protocol;
        record.Outputs.CopyTo(outputs.AsSpan(outputCount));
        outputCount += record.Outputs.Length;
        outputEnds[Count] = outputCount;
        var end = Count * TextsPerRow;
        ends[end] = Copy(record.Id);
        ends[end + 1] = Copy(record.Role);
        ends[end + 2] = Copy(record.Subject);
        textLength += Encoding.UTF8.GetChars(record.Inputs, text.AsSpan(textLength));
        ends[end + 3] = textLength;
        ends[end + 4] = Copy(record.Prediction);
        ends[end + 5] = Copy(record.Notes);
        ends[end + 6] = Copy(record.Key);
        ends[end + 7] = Copy(route.Rollout);
        ends[end + 8] = Copy(route.Variant);
        ends[end + 9] = Copy(route.Reason);
        if (route.Rollout is not null && route.SubjectHash.TryFormat(text.AsSpan(textLength), out var digits, "x16", System.Globalization.CultureInfo.InvariantCulture)) textLength += digits;
        ends[end + 10] = textLength;
        if (!record.LookedUp.IsEmpty) textLength += Encoding.UTF8.GetChars(record.LookedUp, text.AsSpan(textLength));
        ends[end + 11] = textLength;
        ends[end + 12] = Copy(record.Segment);
        ends[end + 13] = Copy(record.Outlier.Reasons);
        outliers[Count] = record.Outlier.Asked && double.IsFinite(record.Outlier.Score) ? record.Outlier.Score : null;
        Count++;
    }

    /// <summary>Adds rows [from, to) of another batch.</summary>
    public void Add(PredictionBatch other, int from, int to)
    {
        if (from >= to) return;
        var textFrom = from == 0 ? 0 : other.ends[from * TextsPerRow - 1];
        var textTo = other.ends[to * TextsPerRow - 1];
        var outputFrom = from == 0 ? 0 : other.outputEnds[from - 1];
        var outputTo = other.outputEnds[to - 1];
        Grow(outputTo - outputFrom, textTo - textFrom, to - from);
        other.text.AsSpan(textFrom, textTo - textFrom).CopyTo(text.AsSpan(textLength));
        other.times.AsSpan(from, to - from).CopyTo(times.AsSpan(Count));
        other.versions.AsSpan(from, to - from).CopyTo(versions.AsSpan(Count));
        other.protocols.AsSpan(from, to - from).CopyTo(protocols.AsSpan(Count));
        other.outliers.AsSpan(from, to - from).CopyTo(outliers.AsSpan(Count));
        other.outputs.AsSpan(outputFrom, outputTo - outputFrom).CopyTo(outputs.AsSpan(outputCount));
        for (var i = from; i < to; i++) outputEnds[Count + i - from] = other.outputEnds[i] - outputFrom + outputCount;
        for (var i = from * TextsPerRow; i < to * TextsPerRow; i++) ends[(Count - from) * TextsPerRow + i] = other.ends[i] - textFrom + textLength;
        textLength += textTo - textFrom;
        outputCount += outputTo - outputFrom;
        Count += to - from;
    }

    /// <summary>Empties the batch and keeps its memory, unless a burst made that much larger than usual.</summary>
    public void Clear()
    {
        if (text.Length > 8 * 1024 * 1024) text = new char[16 * 1024];
        Count = textLength = outputCount = 0;
    }

    /// <summary>Takes the last rows away.</summary>
    public void Truncate(int rows)
    {
        if (rows >= Count) return;
        (Count, textLength, outputCount) = rows == 0 ? (0, 0, 0) : (rows, ends[rows * TextsPerRow - 1], outputEnds[rows - 1]);
    }

    private ReadOnlyMemory<char> Text(int row, int index)
    {
        var at = row * TextsPerRow + index;
        var start = at == 0 ? 0 : ends[at - 1];
        return text.AsMemory(start, ends[at] - start);
    }

    private int Copy(string? value)
    {
        value?.CopyTo(text.AsSpan(textLength));
        return textLength += value?.Length ?? 0;
    }

    private void Grow(int moreOutputs, int moreText, int moreRows = 1)
    {
        if (Count + moreRows > times.Length)
        {
            var rows = Math.Max(Count + moreRows, times.Length * 2);
            Array.Resize(ref times, rows);
            Array.Resize(ref versions, rows);
            Array.Resize(ref protocols, rows);
            Array.Resize(ref outputEnds, rows);
            Array.Resize(ref outliers, rows);
            Array.Resize(ref ends, rows * TextsPerRow);
        }

        if (outputCount + moreOutputs > outputs.Length) Array.Resize(ref outputs, Math.Max(outputCount + moreOutputs, outputs.Length * 2));
        if (textLength + moreText > text.Length) Array.Resize(ref text, Math.Max(textLength + moreText, text.Length * 2));
    }
}
