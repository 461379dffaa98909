namespace Serverless.Sketches;

/// <summary>How the three kinds of values are ordered, hashed and written.</summary>
internal static class ValueCodec<T> where T : notnull
{
    public static char Kind { get; } = typeof(T) == typeof(long) ? 'l' : typeof(T) == typeof(double) ? 'd' : typeof(T) == typeof(string) ? 's'
        : throw new NotSupportedException($"values of type {typeof(T).Name} are not counted: long, double and string are");

    public static IComparer<T> Order { get; } = typeof(T) == typeof(string) ? (IComparer<T>)(object)StringComparer.Ordinal : Comparer<T>.Default;

    public static Dictionary<T, long> Counts(int capacity) =>
        typeof(T) == typeof(string) ? (Dictionary<T, long>)(object)new Dictionary<string, long>(capacity, StringComparer.Ordinal) : new Dictionary<T, long>(capacity);

    /// <summary>Ascending whole numbers as differences, others as they are.</summary>
    public static void Write(BinaryWriting writer, T[] ascending)
    {
        switch (ascending)
        {
            case long[] numbers:
                long last = 0;
                foreach (var number in numbers)
                {
                    writer.Signed(unchecked(number - last));
                    last = number;
                }

                break;
            case double[] numbers:
                foreach (var number in numbers) writer.Double(number);
                break;
            case string[] texts:
                foreach (var text in texts) writer.Text(text);
                break;
        }
    }

    public static T[] Read(ref BinaryReading reader, int length)
    {
        var values = new T[length];
        switch (values)
        {
            case long[] numbers:
                long last = 0;
                for (var i = 0; i < length; i++) numbers[i] = last = unchecked(last + reader.Signed());
                break;
            case double[] numbers:
                for (var i = 0; i < length; i++) numbers[i] = reader.Double();
                break;
            case string[] texts:
                for (var i = 0; i < length; i++) texts[i] = reader.Text();
                break;
        }

        return values;
    }
}
