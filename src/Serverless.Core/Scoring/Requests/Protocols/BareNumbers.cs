namespace Serverless.Scoring;

/// <summary><c>NaN</c>, <c>Infinity</c> and <c>-Infinity</c> in what would be JSON otherwise: Python's json module writes them.</summary>
internal static class BareNumbers
{
    /// <summary>Whether a NaN stands outside of texts.</summary>
    public static bool Contains(ReadOnlySpan<byte> body) => Next(body, 0) >= 0;

    /// <summary>A copy in which each NaN is null: a value that is missing. Infinity is no missing value and stays, to be refused.</summary>
    public static byte[] AsNull(ReadOnlySpan<byte> body)
    {
        var copy = new List<byte>(body.Length + 64);
        var from = 0;
        for (var at = Next(body, 0); at >= 0; at = Next(body, from))
        {
            copy.AddRange(body[from..at]);
            copy.AddRange("null"u8);
            from = at + 3;
        }

        copy.AddRange(body[from..]);
        return [.. copy];
    }

    /// <param name="from">A place outside of texts.</param>
    private static int Next(ReadOnlySpan<byte> body, int from)
    {
        for (var i = from; i < body.Length; i++)
        {
            if (body[i] == '"')
            {
                for (i++; i < body.Length && body[i] != '"'; i++) if (body[i] == '\\') i++;
            }
            else if (body[i] == 'N' && body[i..].StartsWith("NaN"u8)) return i;
        }

        return -1;
    }
}
