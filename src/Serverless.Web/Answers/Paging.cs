using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Serverless.Web.Answers;

/// <summary><c>?after=</c> (the <c>next</c> of the page before) and <c>?limit=</c>.</summary>
internal sealed record Paging(string? After, int Limit)
{
    private const int Most = 1000;

    /// <summary>The page of a whole list, and the <c>next</c> of the answer. Throws <see cref="FieldException"/> when <c>after</c> is none of it.</summary>
    public (IReadOnlyList<T> Shown, string? Next) Cut<T>(IReadOnlyList<T> all, Func<T, string> id, string noun)
    {
        var start = 0;
        if (After is not null)
        {
            while (start < all.Count && id(all[start]) != After) start++;
            if (start++ == all.Count) throw new FieldException($"after: '{After}' is not {noun} of this list. Start again without it.");
        }

        T[] shown = [.. all.Skip(start).Take(Limit)];
        return (shown, start + shown.Length < all.Count ? id(shown[^1]) : null);
    }

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
