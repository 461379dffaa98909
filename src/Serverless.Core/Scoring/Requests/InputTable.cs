using System.Text;
using System.Text.Json;
using Serverless.Datasets;
using Serverless.Problems;

namespace Serverless.Scoring;

/// <summary>The columns that a request may name: those that the model reads, and those of the dataset that it does not.</summary>
public sealed class InputTable
{
    /// <summary>A column of the dataset that this model does not read: allowed, so that a caller may send whole rows.</summary>
    public const int Unused = -1;

    public const int Unknown = -2;

    private readonly byte[][] names;
    private readonly byte[][] otherNames;

    internal InputTable(IReadOnlyList<RawColumn> columns, IReadOnlyCollection<string> others)
    {
        Columns = [.. columns];
        names = [.. columns.Select(c => Encoding.UTF8.GetBytes(c.Name))];
        otherNames = [.. others.Select(Encoding.UTF8.GetBytes)];
        Quoted = [.. columns.Select(c => Quote(c.Name))];
        Required = [.. Enumerable.Range(0, Columns.Length).Where(i => Columns[i].Required)];
        known = [.. columns.Select(c => c.Name), .. others];
    }

    // By the encoder alone: the serializer's first use compiles seventy methods, and a server starts here.
    private static ReadOnlyMemory<byte> Quote(string name) => (byte[])[(byte)'"', .. JsonEncodedText.Encode(name).EncodedUtf8Bytes, (byte)'"'];

    private readonly string[] known;

    /// <summary>By slot.</summary>
    public RawColumn[] Columns { get; }

    /// <summary>Names by slot, as JSON strings.</summary>
    internal ReadOnlyMemory<byte>[] Quoted { get; }

    /// <summary>Slots that every row has to fill.</summary>
    public int[] Required { get; }

    /// <summary>The slot of the property at which the reader stands. Callers mostly send columns in one order, so <paramref name="guess"/> is looked at first.</summary>
    public int Find(ref Utf8JsonReader reader, int guess)
    {
        if ((uint)guess < (uint)names.Length && reader.ValueTextEquals(names[guess])) return guess;
        for (var i = 0; i < names.Length; i++) if (reader.ValueTextEquals(names[i])) return i;
        foreach (var other in otherNames) if (reader.ValueTextEquals(other)) return Unused;
        return Unknown;
    }

    /// <summary>As <see cref="Find(ref Utf8JsonReader, int)"/>, by a name as text.</summary>
    internal int Find(string name)
    {
        var utf8 = Encoding.UTF8.GetBytes(name);
        for (var i = 0; i < names.Length; i++) if (names[i].AsSpan().SequenceEqual(utf8)) return i;
        foreach (var other in otherNames) if (other.AsSpan().SequenceEqual(utf8)) return Unused;
        return Unknown;
    }

    public string Hint(string name) => Suggest.Hint(name, known);
}
