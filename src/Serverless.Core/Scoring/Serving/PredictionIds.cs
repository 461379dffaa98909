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

    private static void Write(Span<char> chars, long value)
    {
        for (var i = chars.Length - 1; i >= 0; i--, value >>= 5) chars[i] = Alphabet[(int)(value & 31)];
    }
}
