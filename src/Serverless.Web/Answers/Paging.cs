using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Serverless.Web.Answers;

/// <summary><c>?after=</c> (the <c>next</c> of the page before) and <c>?limit=</c>.</summary>
internal sealed record Paging(string? After, int Limit)
{
    private const int Most = 1000;

    public static Paging Of(HttpRequest request)
    {
        var limit = 100;
        if (request.Query.TryGetValue("limit", out var text)
            && (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out limit) || limit is < 1 or > Most))
        {
            throw new FieldException($"limit: expected a whole number from 1 to {Most}, got '{text}'.");
        }

        return new Paging(request.Query["after"] is [{ Length: > 0 } after] ? after : null, limit);
    }
}
