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
        Required = [.. Enumerable.Range(0, Columns.Length).Where(i => Columns[i].Required)];
        known = [.. columns.Select(c => c.Name), .. others];
    }

    private readonly string[] known;

    /// <summary>By slot.</summary>
    public RawColumn[] Columns { get; }

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

    public string Hint(string name) => Suggest.Hint(name, known);
}
