using Serverless.Datasets;

namespace Serverless.Scoring;

/// <summary>Values that rows brought themselves, over those that were looked up.</summary>
internal static class GivenValues
{
    public static bool AnyMissing(TableColumn column) => column.Missing is { } missing && Array.IndexOf(missing, true) >= 0 || column is StringColumn text && Array.Exists(text.Codes, c => c < 0);

    /// <summary>The given value of each row that has one, else the other.</summary>
    public static TableColumn Over(TableColumn given, TableColumn other)
    {
        var missing = new bool[given.Rows];
        var mine = new bool[given.Rows];
        for (var i = 0; i < missing.Length; i++)
        {
            mine[i] = !(given.IsMissing(i) || given is StringColumn text && text.Codes[i] < 0);
            missing[i] = !mine[i] && (other.IsMissing(i) || other is StringColumn looked && looked.Codes[i] < 0);
        }

        return (given, other) switch
        {
            (IntegerColumn a, IntegerColumn b) => new IntegerColumn(a.Name, Pick(a.Values, b.Values, mine), missing),
            (NumberColumn a, NumberColumn b) => new NumberColumn(a.Name, Pick(a.Values, b.Values, mine), missing),
            (BooleanColumn a, BooleanColumn b) => new BooleanColumn(a.Name, Pick(a.Values, b.Values, mine), missing),
            (TimestampColumn a, TimestampColumn b) => new TimestampColumn(a.Name, Pick(a.Ticks, b.Ticks, mine), missing),
            (StringColumn a, StringColumn b) => new StringColumn(a.Name, Pick(a.Codes, Array.ConvertAll(b.Codes, c => c < 0 ? -1 : c + a.Dictionary.Length), mine), [.. a.Dictionary, .. b.Dictionary], missing),
            _ => other,
        };
    }

    private static T[] Pick<T>(T[] a, T[] b, bool[] mine)
    {
        var picked = new T[a.Length];
        for (var i = 0; i < picked.Length; i++) picked[i] = mine[i] ? a[i] : b[i];
        return picked;
    }
}
