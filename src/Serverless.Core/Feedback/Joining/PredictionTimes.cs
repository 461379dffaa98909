namespace Serverless.Feedback;

/// <summary>When a prediction was made, as its id says.</summary>
internal static class PredictionTimes
{
    private const string Alphabet = "0123456789abcdefghjkmnpqrstvwxyz", Shadow = "-shadow";

    /// <summary>Null when the id is none of ours.</summary>
    public static DateTimeOffset? Of(string id)
    {
        if (id.Length < 26) return null;
        long millisecond = 0;
        for (var i = 0; i < 10; i++)
        {
            var digit = Alphabet.IndexOf(id[i], StringComparison.Ordinal);
            if (digit < 0) return null;
            millisecond = (millisecond << 5) | (uint)digit;
        }

        return millisecond < DateTimeOffset.MaxValue.ToUnixTimeMilliseconds() ? DateTimeOffset.FromUnixTimeMilliseconds(millisecond) : null;
    }

    /// <summary>The id of the answer that the caller got, where this is the one given in the dark.</summary>
    public static string Answered(string id) => id.EndsWith(Shadow, StringComparison.Ordinal) ? id[..^Shadow.Length] : id;

    public static DateTimeOffset Hour(DateTimeOffset at) => new(at.UtcTicks - at.UtcTicks % TimeSpan.TicksPerHour, TimeSpan.Zero);
}
