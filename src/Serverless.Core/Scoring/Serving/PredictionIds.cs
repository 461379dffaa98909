using Serverless.Storage;

namespace Serverless.Scoring;

/// <summary>
/// Ids of predictions: 26 characters in the form of a ULID, 10 for the millisecond, 8 for the process, 8 that count. They sort by time, need no random number
/// for each request, and two processes differ with a probability of 1 - 2^-40.
/// </summary>
public sealed class PredictionIds(IdSource ids)
{
    private const string Alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

    private readonly string process = ids.Next(8);
    private long counter;

    public string Next(DateTime at)
    {
        var millisecond = (at.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMillisecond;
        return string.Create(26, (millisecond, process, count: Interlocked.Increment(ref counter)), static (chars, parts) =>
        {
            Write(chars[..10], parts.millisecond);
            parts.process.CopyTo(chars[10..]);
            Write(chars[18..], parts.count);
        });
    }

    /// <summary>The moment that an id tells, in UTC; null when it is none of ours.</summary>
    /// <param name="id">Also with something behind it, such as <c>-shadow</c>.</param>
    public static DateTime? TimeOf(string id)
    {
        if (id.Length < 26) return null;
        long milliseconds = 0;
        for (var i = 0; i < 26; i++)
        {
            var digit = Alphabet.IndexOf(id[i], StringComparison.Ordinal);
            if (digit < 0) return null;
            if (i < 10) milliseconds = milliseconds << 5 | (long)digit;
        }

        var most = (DateTime.MaxValue.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMillisecond;
        return milliseconds > most ? null : DateTime.UnixEpoch.AddTicks(milliseconds * TimeSpan.TicksPerMillisecond);
    }

    private static void Write(Span<char> chars, long value)
    {
        for (var i = chars.Length - 1; i >= 0; i--, value >>= 5) chars[i] = Alphabet[(int)(value & 31)];
    }
}
