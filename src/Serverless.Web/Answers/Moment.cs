using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Serverless.Web.Answers;

/// <summary>Times in queries: RFC 3339, UTC unless they say otherwise; a day alone means its beginning.</summary>
internal static class Moment
{
    private static readonly string[] Formats = ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mmK"];

    /// <summary>Null when the parameter is not there. Throws <see cref="FieldException"/> when it is no time.</summary>
    public static DateTimeOffset? Of(HttpRequest request, string parameter)
    {
        if (request.Query[parameter] is not [{ Length: > 0 } text]) return null;
        return DateTimeOffset.TryParseExact(text, Formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var moment) ? moment
            : throw new FieldException($"{parameter}: '{text}' is not a time; expected RFC 3339 such as 2026-01-31T14:00:00Z, or a day such as 2026-01-31.");
    }
}
